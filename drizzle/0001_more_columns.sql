CREATE TABLE `access_tokens` (
	`hash` text PRIMARY KEY NOT NULL,
	`account_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `access_tokens_account` ON `access_tokens` (`account_id`);--> statement-breakpoint
CREATE INDEX `access_tokens_use` ON `access_tokens` (`last_used_at`);--> statement-breakpoint
CREATE TABLE `imports` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`account_id` integer NOT NULL,
	`folder_id` integer,
	`url` text NOT NULL,
	`status` text NOT NULL,
	`error_message` text,
	`total_bytes` integer NOT NULL,
	`received_bytes` integer NOT NULL,
	`file_id` integer,
	`attempts` integer NOT NULL,
	`lease_holder` text,
	`claimable_at` integer,
	`created_at` integer NOT NULL,
	`started_at` integer,
	`finished_at` integer,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `imports_account` ON `imports` (`account_id`,`status`);--> statement-breakpoint
CREATE INDEX `imports_claim` ON `imports` (`claimable_at`);--> statement-breakpoint
CREATE INDEX `imports_age` ON `imports` (`finished_at`);--> statement-breakpoint
DROP INDEX `files_account`;--> statement-breakpoint
ALTER TABLE `files` ADD `name_key` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `files` ADD `source` text DEFAULT 'api' NOT NULL;--> statement-breakpoint
ALTER TABLE `files` ADD `uploaded_ip` text;--> statement-breakpoint
ALTER TABLE `files` ADD `last_downloaded_at` integer;--> statement-breakpoint
ALTER TABLE `files` ADD `trashed_at` integer;--> statement-breakpoint
CREATE INDEX `files_place` ON `files` (`account_id`,`folder_id`,`status`,`name`);--> statement-breakpoint
CREATE INDEX `files_trash` ON `files` (`trashed_at`);--> statement-breakpoint
CREATE INDEX `files_search` ON `files` (`visibility`,`status`,`id`,`name_key`);--> statement-breakpoint
DROP INDEX `folders_name`;--> statement-breakpoint
DROP INDEX `folders_root_name`;--> statement-breakpoint
ALTER TABLE `folders` ADD `name_key` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `folders` ADD `password_md5` text;--> statement-breakpoint
ALTER TABLE `folders` ADD `status` text DEFAULT 'active' NOT NULL;--> statement-breakpoint
ALTER TABLE `folders` ADD `concealed` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `folders` ADD `total_size` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `folders` ADD `total_downloads` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `folders` ADD `file_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `folders` ADD `folder_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `folders` ADD `trashed_at` integer;--> statement-breakpoint
CREATE INDEX `folders_place` ON `folders` (`account_id`,`parent_id`,`status`,`name`);--> statement-breakpoint
CREATE INDEX `folders_trash` ON `folders` (`trashed_at`);--> statement-breakpoint
CREATE INDEX `folders_search` ON `folders` (`visibility`,`status`,`id`,`name_key`);--> statement-breakpoint
ALTER TABLE `accounts` ADD `email_key` text;--> statement-breakpoint
ALTER TABLE `accounts` ADD `title` text;--> statement-breakpoint
ALTER TABLE `accounts` ADD `first_name` text;--> statement-breakpoint
ALTER TABLE `accounts` ADD `last_name` text;--> statement-breakpoint
ALTER TABLE `accounts` ADD `last_sign_in_at` integer;--> statement-breakpoint
ALTER TABLE `accounts` ADD `last_sign_in_ip` text;--> statement-breakpoint
ALTER TABLE `accounts` ADD `paid_until` integer;--> statement-breakpoint
CREATE UNIQUE INDEX `accounts_email` ON `accounts` (`email_key`);--> statement-breakpoint
ALTER TABLE `objects` ADD `md5` text;