UPDATE `accounts` SET `email_key` = lower(`email`)
WHERE `id` IN (SELECT min(`id`) FROM `accounts` WHERE `email` IS NOT NULL GROUP BY lower(`email`));
--> statement-breakpoint
UPDATE `files` SET `name_key` = lower(`name`);
--> statement-breakpoint
UPDATE `files` SET `status` = 'trashed', `trashed_at` = `updated_at`, `folder_id` = NULL WHERE `status` = 'deleted';
--> statement-breakpoint
UPDATE `folders` SET `name_key` = lower(`name`), `updated_at` = nullif(`updated_at`, `created_at`);
--> statement-breakpoint
UPDATE `folders` SET `concealed` = true WHERE `id` IN (
	WITH RECURSIVE down(id) AS (
		SELECT `id` FROM `folders` WHERE `visibility` = 0
		UNION SELECT `folders`.`id` FROM `folders` JOIN down ON `folders`.`parent_id` = down.id
	) SELECT id FROM down
);
--> statement-breakpoint
UPDATE `folders` SET `total_size` = sums.size, `total_downloads` = sums.downloads FROM (
	WITH RECURSIVE held(folder, size, downloads) AS (
		SELECT `folder_id`, sum(`size`), sum(`downloads`) FROM `files`
		WHERE `folder_id` IS NOT NULL AND `status` = 'active' GROUP BY `folder_id`
	), up(id, folder) AS (
		SELECT folder, folder FROM held
		UNION SELECT `folders`.`parent_id`, up.folder FROM `folders` JOIN up ON `folders`.`id` = up.id
		WHERE `folders`.`parent_id` IS NOT NULL
	) SELECT up.id AS id, sum(held.size) AS size, sum(held.downloads) AS downloads
	FROM up JOIN held ON held.folder = up.folder GROUP BY up.id
) AS sums WHERE sums.id = `folders`.`id`;
--> statement-breakpoint
UPDATE `folders` SET
	`file_count` = (SELECT count(*) FROM `files` WHERE `files`.`folder_id` = `folders`.`id` AND `files`.`status` = 'active'),
	`folder_count` = (SELECT count(*) FROM `folders` AS inner_folders WHERE inner_folders.`parent_id` = `folders`.`id`);
