/**
 * Hears what a store does on the side, in a sentence: work that takes long enough to be noticed, what could not be done
 * and is made up for later; or damage, which a person has to look after.
 */
export type OnNotice = (message: string, about?: "damage") => void;
