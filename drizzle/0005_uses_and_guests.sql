ALTER TABLE `files` ADD `url_extension` text;--> statement-breakpoint
ALTER TABLE `files` ADD `uses_left` integer;--> statement-breakpoint
CREATE INDEX `files_age` ON `files` (`account_id`,`status`,`created_at`,`id`,`uses_left`);--> statement-breakpoint
CREATE INDEX `files_uses` ON `files` (`uses_left`) WHERE "files"."uses_left" is not null;--> statement-breakpoint
CREATE INDEX `files_guests` ON `files` (`uploaded_ip`,`created_at`,`size`) WHERE "files"."account_id" is null;--> statement-breakpoint
CREATE INDEX `files_guest_interest` ON `files` (`status`,`last_downloaded_at`,`created_at`) WHERE "files"."account_id" is null;