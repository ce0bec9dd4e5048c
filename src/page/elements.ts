// What the build puts in place of elements; the compiler knows them by itself.
export { createElement, Fragment } from "preact";
