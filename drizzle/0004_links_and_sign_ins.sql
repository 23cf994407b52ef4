CREATE TABLE `login_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` integer NOT NULL,
	`is_bot` integer NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `login_tokens_account` ON `login_tokens` (`account_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `login_tokens_expiry` ON `login_tokens` (`expires_at`);--> statement-breakpoint
CREATE TABLE `shares` (
	`file_id` integer PRIMARY KEY NOT NULL,
	`token` text NOT NULL,
	`expires_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`file_id`) REFERENCES `files`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `shares_token` ON `shares` (`token`);