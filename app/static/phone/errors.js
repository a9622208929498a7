// Every way in which the phone can fail, by name: screens ask `error.name` or `instanceof`.

/** @import { ProblemBody } from "./types.d.ts" */

class PhoneError extends Error {
  /** @param {string} [message] @param {ErrorOptions} [options] */
  constructor(message, options) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The phone has no room left; nothing was lost, what was being written is still where it came from. */
export class Full extends PhoneError {}

/** More than ten photos at one record. */
export class TooMany extends PhoneError {}

/** It is there, but its owner must unlock it (PIN or sign-in) before it can be read. */
export class Locked extends PhoneError {}

/** Nobody has signed in on this phone, or the last one signed out. */
export class Nobody extends PhoneError {}

/** What was written did not read back the same. It is not saved. */
export class NotSaved extends PhoneError {}

/** This browser offers no WebCrypto here: plain http that is not loopback. */
export class NoCrypto extends PhoneError {}

/** The browser keeps nothing here: IndexedDB is missing or switched off (private window). */
export class NoStore extends PhoneError {}

/** Bytes that are not what was sealed: damaged, or sealed for somebody else. */
export class Unreadable extends PhoneError {}

/** Already received by the server: a correction is a new inspection that names it. */
export class AlreadyReceived extends PhoneError {}

/** No answer from the server. `why`: the phone has no network, or has one and the server says nothing. */
export class Offline extends PhoneError {
  /**
   * @param {"offline" | "silent"} why @param {number | null} [retry_after] seconds that the server asked for
   * @param {number | null} [status] what it answered instead, if anything
   */
  constructor(why, retry_after = null, status = null) {
    super(why);
    this.why = why;
    this.retry_after = retry_after;
    this.status = status;
  }
}

/** The server said no, in its own words. */
export class Refused extends PhoneError {
  /** @param {ProblemBody} problem @param {number | null} [retry_after] seconds */
  constructor(problem, retry_after = null) {
    super(problem.detail ?? problem.title ?? problem.code);
    this.problem = problem;
    this.retry_after = retry_after;
  }
}

/** Wrong PINs cost time. */
export class Slow extends PhoneError {
  /** @param {number} wait_s seconds still to wait */
  constructor(wait_s) {
    super(`wait ${wait_s} s`);
    this.wait_s = wait_s;
  }
}
