/** An error that a person can act on: `code` is what the build shows, the message names the thing and the remedy. */
export class Failure extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}
