/** Where the time comes from; tests give a fixed one. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date(Date.now()) }

/** `date` moved by `seconds` (negative: back). */
export const plusSeconds = (date: Date, seconds: number): Date => new Date(date.getTime() + seconds * 1000)
