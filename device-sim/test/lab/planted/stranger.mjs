/** The shipped stranger, also where a better one is installed. */
export const firmware = 'stranger'
