CREATE INDEX `files_by_name` ON `files` (`account_id`,`folder_id`,`status`,`name_key`);--> statement-breakpoint
CREATE INDEX `files_by_size` ON `files` (`account_id`,`folder_id`,`status`,`size`);--> statement-breakpoint
CREATE INDEX `files_by_date` ON `files` (`account_id`,`folder_id`,`status`,`created_at`);--> statement-breakpoint
CREATE INDEX `files_by_downloads` ON `files` (`account_id`,`folder_id`,`status`,`downloads`);--> statement-breakpoint
CREATE INDEX `files_own` ON `files` (`account_id`,`status`,`name_key`);--> statement-breakpoint
CREATE INDEX `folders_by_name` ON `folders` (`account_id`,`parent_id`,`status`,`name_key`);--> statement-breakpoint
CREATE INDEX `folders_own` ON `folders` (`account_id`,`status`,`name_key`);