DROP INDEX `files_own`;--> statement-breakpoint
DROP INDEX `files_age`;--> statement-breakpoint
DROP INDEX `files_interest`;--> statement-breakpoint
CREATE INDEX `files_own` ON `files` (`account_id`,`status`,`name_key`,`id`,`folder_id`);--> statement-breakpoint
CREATE INDEX `files_age` ON `files` (`account_id`,`status`,`created_at`,`id`,`uses_left`,`folder_id`);--> statement-breakpoint
CREATE INDEX `files_interest` ON `files` (`account_id`,`status`,`last_downloaded_at`,`created_at`,`folder_id`);--> statement-breakpoint
UPDATE `files` SET `status` = 'active', `trashed_at` = NULL WHERE `status` = 'trashed' AND `folder_id` IN (SELECT `id` FROM `folders` WHERE `status` = 'trashed');--> statement-breakpoint
UPDATE `folders` SET
	`total_size` = (SELECT coalesce(sum(`size`), 0) FROM `files` WHERE `folder_id` IN (WITH RECURSIVE `down`(`id`) AS (SELECT `folders`.`id` UNION SELECT `inner`.`id` FROM `folders` AS `inner` JOIN `down` ON `inner`.`parent_id` = `down`.`id`) SELECT `id` FROM `down`)),
	`total_downloads` = (SELECT coalesce(sum(`downloads`), 0) FROM `files` WHERE `folder_id` IN (WITH RECURSIVE `down`(`id`) AS (SELECT `folders`.`id` UNION SELECT `inner`.`id` FROM `folders` AS `inner` JOIN `down` ON `inner`.`parent_id` = `down`.`id`) SELECT `id` FROM `down`)),
	`file_count` = (SELECT count(*) FROM `files` WHERE `folder_id` = `folders`.`id`),
	`folder_count` = (SELECT count(*) FROM `folders` AS `inner` WHERE `inner`.`parent_id` = `folders`.`id`)
WHERE `status` = 'trashed';
