CREATE TABLE `accounts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`name_key` text NOT NULL,
	`email` text,
	`password_hash` text NOT NULL,
	`is_admin` integer NOT NULL,
	`status` text NOT NULL,
	`package_id` integer NOT NULL,
	`default_visibility` integer NOT NULL,
	`storage_used` integer NOT NULL,
	`storage_reserved` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`package_id`) REFERENCES `packages`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `accounts_name` ON `accounts` (`name_key`);--> statement-breakpoint
CREATE INDEX `accounts_package` ON `accounts` (`package_id`);--> statement-breakpoint
CREATE INDEX `accounts_admin` ON `accounts` (`is_admin`);--> statement-breakpoint
CREATE TABLE `files` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`slug` text NOT NULL,
	`delete_key` text NOT NULL,
	`account_id` integer,
	`folder_id` integer,
	`object_id` integer NOT NULL,
	`name` text NOT NULL,
	`size` integer NOT NULL,
	`mime_type` text NOT NULL,
	`visibility` integer NOT NULL,
	`status` text NOT NULL,
	`downloads` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`folder_id`) REFERENCES `folders`(`id`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`object_id`) REFERENCES `objects`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `files_slug` ON `files` (`slug`);--> statement-breakpoint
CREATE UNIQUE INDEX `files_delete_key` ON `files` (`delete_key`);--> statement-breakpoint
CREATE INDEX `files_account` ON `files` (`account_id`,`folder_id`);--> statement-breakpoint
CREATE INDEX `files_folder` ON `files` (`folder_id`);--> statement-breakpoint
CREATE INDEX `files_object` ON `files` (`object_id`);--> statement-breakpoint
CREATE TABLE `folders` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`account_id` integer NOT NULL,
	`parent_id` integer,
	`name` text NOT NULL,
	`visibility` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`parent_id`) REFERENCES `folders`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `folders_name` ON `folders` (`account_id`,`parent_id`,`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `folders_root_name` ON `folders` (`account_id`,`name`) WHERE parent_id is null;--> statement-breakpoint
CREATE INDEX `folders_parent` ON `folders` (`parent_id`);--> statement-breakpoint
CREATE TABLE `idempotency` (
	`key` text NOT NULL,
	`endpoint` text NOT NULL,
	`actor` text NOT NULL,
	`payload_hash` text NOT NULL,
	`owner` text NOT NULL,
	`status` integer,
	`body` text,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`key`, `endpoint`, `actor`)
);
--> statement-breakpoint
CREATE INDEX `idempotency_age` ON `idempotency` (`updated_at`);--> statement-breakpoint
CREATE TABLE `objects` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`key` text NOT NULL,
	`size` integer NOT NULL,
	`sha256` text NOT NULL,
	`state` text NOT NULL,
	`file_count` integer NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `objects_key` ON `objects` (`key`);--> statement-breakpoint
CREATE INDEX `objects_reference` ON `objects` (`state`,`file_count`);--> statement-breakpoint
CREATE TABLE `packages` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`name_key` text NOT NULL,
	`max_upload_size` integer NOT NULL,
	`can_upload` integer NOT NULL,
	`wait_between_downloads` integer NOT NULL,
	`download_speed` integer NOT NULL,
	`max_storage_bytes` integer NOT NULL,
	`show_site_adverts` integer NOT NULL,
	`show_upgrade_screen` integer NOT NULL,
	`days_to_keep_inactive_files` integer NOT NULL,
	`concurrent_uploads` integer NOT NULL,
	`concurrent_downloads` integer NOT NULL,
	`downloads_per_24_hours` integer NOT NULL,
	`download_size_per_24_hours` integer NOT NULL,
	`max_download_filesize_allowed` integer NOT NULL,
	`max_remote_download_urls` integer NOT NULL,
	`level_type` text NOT NULL,
	`on_upgrade_page` integer NOT NULL,
	`api_access` integer NOT NULL,
	`flamenet_api` integer NOT NULL,
	`wait_before_download` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `packages_name` ON `packages` (`name_key`);--> statement-breakpoint
CREATE TABLE `upload_parts` (
	`upload_id` text NOT NULL,
	`number` integer NOT NULL,
	`etag` text,
	`size` integer NOT NULL,
	`checksum_sha256` text,
	`reported` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`upload_id`, `number`),
	FOREIGN KEY (`upload_id`) REFERENCES `uploads`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `settings` (
	`name` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` integer NOT NULL,
	`kind` text NOT NULL,
	`hash` text NOT NULL,
	`name` text NOT NULL,
	`prefix` text NOT NULL,
	`last4` text NOT NULL,
	`scopes` text NOT NULL,
	`status` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	`last_used_ip` text,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_hash` ON `tokens` (`kind`,`hash`);--> statement-breakpoint
CREATE INDEX `tokens_account` ON `tokens` (`account_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `uploads` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` integer,
	`folder_id` integer,
	`filename` text NOT NULL,
	`expected_size` integer NOT NULL,
	`part_size` integer NOT NULL,
	`mime_type` text,
	`checksum_sha256` text,
	`status` text NOT NULL,
	`reserved_bytes` integer NOT NULL,
	`uploaded_bytes` integer NOT NULL,
	`completed_parts` integer NOT NULL,
	`stored_bytes` integer NOT NULL,
	`prefix_parts` integer NOT NULL,
	`staged` integer NOT NULL,
	`error_message` text,
	`object_key` text NOT NULL,
	`storage_upload` text NOT NULL,
	`file_id` integer,
	`object_id` integer,
	`expires_at` integer NOT NULL,
	`completed_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `uploads_account` ON `uploads` (`account_id`,`status`);--> statement-breakpoint
CREATE INDEX `uploads_status` ON `uploads` (`status`,`expires_at`);--> statement-breakpoint
CREATE INDEX `uploads_staged` ON `uploads` (`staged`,`status`);--> statement-breakpoint
CREATE TABLE `web_sessions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`account_id` integer NOT NULL,
	`hash` text NOT NULL,
	`csrf` text NOT NULL,
	`previous_csrf` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `web_sessions_hash` ON `web_sessions` (`hash`);--> statement-breakpoint
CREATE INDEX `web_sessions_account` ON `web_sessions` (`account_id`);--> statement-breakpoint
CREATE INDEX `web_sessions_expiry` ON `web_sessions` (`expires_at`);