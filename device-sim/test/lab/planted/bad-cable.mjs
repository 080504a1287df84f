/** A cable that changes a byte now and then, before the model of the board. */
export const firmware = 'model'
export const cable = { changePerByte: 0.003 }
