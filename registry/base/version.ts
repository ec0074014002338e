/** The version of the project: what `/health`, the banner and `meshctl --version` report. */
export const VERSION = "0.1.0";
