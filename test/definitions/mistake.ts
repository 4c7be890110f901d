/** A module that nobody uses with one mistake in it. */

/** What it is, the slug of what is said of it, and the module, in which ‹…› stands around the span that is named. */
export type Mistake = readonly [says: string, slug: string, source: string];
