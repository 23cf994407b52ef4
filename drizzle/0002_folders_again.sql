PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_folders` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`account_id` integer NOT NULL,
	`parent_id` integer,
	`name` text NOT NULL,
	`name_key` text DEFAULT '' NOT NULL,
	`visibility` integer NOT NULL,
	`password_md5` text,
	`status` text DEFAULT 'active' NOT NULL,
	`concealed` integer DEFAULT false NOT NULL,
	`total_size` integer DEFAULT 0 NOT NULL,
	`total_downloads` integer DEFAULT 0 NOT NULL,
	`file_count` integer DEFAULT 0 NOT NULL,
	`folder_count` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer,
	`trashed_at` integer,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`parent_id`) REFERENCES `folders`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
INSERT INTO `__new_folders`("id", "account_id", "parent_id", "name", "name_key", "visibility", "password_md5", "status", "concealed", "total_size", "total_downloads", "file_count", "folder_count", "created_at", "updated_at", "trashed_at") SELECT "id", "account_id", "parent_id", "name", "name_key", "visibility", "password_md5", "status", "concealed", "total_size", "total_downloads", "file_count", "folder_count", "created_at", "updated_at", "trashed_at" FROM `folders`;--> statement-breakpoint
DELETE FROM sqlite_sequence WHERE name = '__new_folders';--> statement-breakpoint
INSERT INTO sqlite_sequence(name, seq) SELECT '__new_folders', seq FROM sqlite_sequence WHERE name = 'folders';--> statement-breakpoint
DROP TABLE `folders`;--> statement-breakpoint
ALTER TABLE `__new_folders` RENAME TO `folders`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `folders_place` ON `folders` (`account_id`,`parent_id`,`status`,`name`);--> statement-breakpoint
CREATE INDEX `folders_parent` ON `folders` (`parent_id`);--> statement-breakpoint
CREATE INDEX `folders_trash` ON `folders` (`trashed_at`);--> statement-breakpoint
CREATE INDEX `folders_search` ON `folders` (`visibility`,`status`,`id`,`name_key`);