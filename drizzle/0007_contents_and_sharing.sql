CREATE TABLE `audit_log` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`actor_id` integer,
	`actor_name` text NOT NULL,
	`action` text NOT NULL,
	`subject` text NOT NULL,
	`detail` text DEFAULT '' NOT NULL,
	`ip` text
);
--> statement-breakpoint
CREATE INDEX `audit_log_age` ON `audit_log` (`at`);--> statement-breakpoint
CREATE INDEX `audit_log_actor` ON `audit_log` (`actor_id`,`id`);--> statement-breakpoint
CREATE TABLE `file_requests` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`account_id` integer NOT NULL,
	`folder_id` integer,
	`token` text NOT NULL,
	`title` text NOT NULL,
	`note` text DEFAULT '' NOT NULL,
	`password_hash` text,
	`expires_at` integer,
	`files_left` integer,
	`files_received` integer DEFAULT 0 NOT NULL,
	`bytes_received` integer DEFAULT 0 NOT NULL,
	`closed_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`folder_id`) REFERENCES `folders`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `file_requests_token` ON `file_requests` (`token`);--> statement-breakpoint
CREATE INDEX `file_requests_account` ON `file_requests` (`account_id`,`id`);--> statement-breakpoint
CREATE INDEX `file_requests_folder` ON `file_requests` (`folder_id`);--> statement-breakpoint
CREATE TABLE `previews` (
	`object_id` integer NOT NULL,
	`size` text NOT NULL,
	`format` text NOT NULL,
	`key` text,
	`bytes` integer DEFAULT 0 NOT NULL,
	`width` integer DEFAULT 0 NOT NULL,
	`height` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`object_id`, `size`, `format`),
	FOREIGN KEY (`object_id`) REFERENCES `objects`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `previews_key` ON `previews` (`key`);--> statement-breakpoint
CREATE TABLE `recovery_codes` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`account_id` integer NOT NULL,
	`hash` text NOT NULL,
	`used_at` integer,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `recovery_codes_account` ON `recovery_codes` (`account_id`);--> statement-breakpoint
CREATE TABLE `reports` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`file_id` integer NOT NULL,
	`slug` text NOT NULL,
	`file_name` text NOT NULL,
	`reason` text NOT NULL,
	`message` text DEFAULT '' NOT NULL,
	`account_id` integer,
	`ip` text NOT NULL,
	`created_at` integer NOT NULL,
	`resolved_at` integer,
	`resolved_by` integer,
	`resolution` text
);
--> statement-breakpoint
CREATE INDEX `reports_open` ON `reports` (`resolved_at`,`id`);--> statement-breakpoint
CREATE INDEX `reports_file` ON `reports` (`file_id`);--> statement-breakpoint
CREATE INDEX `reports_address` ON `reports` (`ip`,`created_at`);--> statement-breakpoint
CREATE TABLE `second_factors` (
	`account_id` integer PRIMARY KEY NOT NULL,
	`secret` text NOT NULL,
	`confirmed_at` integer,
	`last_step` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `share_links` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`account_id` integer NOT NULL,
	`file_id` integer,
	`folder_id` integer,
	`token` text NOT NULL,
	`password_hash` text,
	`expires_at` integer,
	`downloads_left` integer,
	`downloads` integer DEFAULT 0 NOT NULL,
	`last_used_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`file_id`) REFERENCES `files`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`folder_id`) REFERENCES `folders`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `share_links_token` ON `share_links` (`token`);--> statement-breakpoint
CREATE INDEX `share_links_account` ON `share_links` (`account_id`,`id`);--> statement-breakpoint
CREATE INDEX `share_links_file` ON `share_links` (`file_id`);--> statement-breakpoint
CREATE INDEX `share_links_folder` ON `share_links` (`folder_id`);--> statement-breakpoint
ALTER TABLE `files` ADD `content_state` text DEFAULT 'ready' NOT NULL;--> statement-breakpoint
ALTER TABLE `files` ADD `expires_at` integer;--> statement-breakpoint
CREATE INDEX `files_expiry` ON `files` (`expires_at`) WHERE "files"."expires_at" is not null;--> statement-breakpoint
CREATE INDEX `files_unready` ON `files` (`content_state`,`id`) WHERE "files"."content_state" <> 'ready';--> statement-breakpoint
ALTER TABLE `objects` ADD `crc32` integer;--> statement-breakpoint
ALTER TABLE `objects` ADD `stored_name` text;--> statement-breakpoint
ALTER TABLE `web_sessions` ADD `user_agent` text;--> statement-breakpoint
ALTER TABLE `web_sessions` ADD `ip` text;--> statement-breakpoint
ALTER TABLE `web_sessions` ADD `last_seen_at` integer;