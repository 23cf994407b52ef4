CREATE TABLE `downloaders` (
	`id` integer PRIMARY KEY NOT NULL,
	`file_id` integer NOT NULL,
	`owner_id` integer NOT NULL,
	`account_id` integer NOT NULL,
	`share_link_id` integer NOT NULL,
	`downloads` integer NOT NULL,
	`completed` integer NOT NULL,
	`bytes` integer NOT NULL,
	`first_at` integer NOT NULL,
	`last_at` integer NOT NULL,
	FOREIGN KEY (`file_id`) REFERENCES `files`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `downloaders_who` ON `downloaders` (`file_id`,`account_id`,`share_link_id`);--> statement-breakpoint
CREATE INDEX `downloaders_owner` ON `downloaders` (`owner_id`,`last_at`);--> statement-breakpoint
CREATE INDEX `downloaders_account` ON `downloaders` (`account_id`) WHERE "downloaders"."account_id" <> 0;--> statement-breakpoint
CREATE INDEX `downloaders_link` ON `downloaders` (`share_link_id`,`last_at`) WHERE "downloaders"."share_link_id" <> 0;