ALTER TABLE `files` ADD `trashed_from` integer;--> statement-breakpoint
ALTER TABLE `folders` ADD `trashed_from` integer;