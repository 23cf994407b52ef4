/** The form of object keys, which every driver holds to: nothing that is not one ever reaches a disk or a bucket. */

/** Two levels of fan-out that repeat the first four digits of the name, so one object has one path only. */
const KEY = /^([0-9a-f]{2})\/([0-9a-f]{2})\/\1\2[0-9a-f]{28}$/

export const isObjectKey = (key: string): boolean => KEY.test(key)
