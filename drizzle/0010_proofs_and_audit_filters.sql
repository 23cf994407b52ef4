ALTER TABLE `web_sessions` ADD `proved_at` integer;--> statement-breakpoint
CREATE INDEX `audit_log_name` ON `audit_log` (`actor_name`,`id`);--> statement-breakpoint
CREATE INDEX `audit_log_action` ON `audit_log` (`action`,`id`);