CREATE TABLE `downloads` (
	`id` text PRIMARY KEY NOT NULL,
	`file_id` integer NOT NULL,
	`account_id` integer,
	`ip` text NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer NOT NULL,
	`bytes` integer NOT NULL,
	`counted` integer NOT NULL,
	`completed` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `downloads_account` ON `downloads` (`account_id`,`ended_at`,`started_at`,`bytes`,`file_id`) WHERE "downloads"."account_id" is not null;--> statement-breakpoint
CREATE INDEX `downloads_address` ON `downloads` (`ip`,`ended_at`,`started_at`,`bytes`,`file_id`) WHERE "downloads"."account_id" is null;--> statement-breakpoint
CREATE INDEX `downloads_file` ON `downloads` (`file_id`,`ended_at`,`completed`);--> statement-breakpoint
CREATE INDEX `downloads_age` ON `downloads` (`ended_at`);--> statement-breakpoint
CREATE TABLE `file_days` (
	`file_id` integer NOT NULL,
	`day` text NOT NULL,
	`downloads` integer NOT NULL,
	`bytes` integer NOT NULL,
	`completed` integer NOT NULL,
	PRIMARY KEY(`file_id`, `day`),
	FOREIGN KEY (`file_id`) REFERENCES `files`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `file_days_age` ON `file_days` (`day`);--> statement-breakpoint
CREATE INDEX `files_interest` ON `files` (`account_id`,`status`,`last_downloaded_at`,`created_at`);