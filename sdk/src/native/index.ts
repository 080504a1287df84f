export { nativeHash } from './hash.ts'
export { readBody } from './http-body.ts'
export { saidText, urlSecrets } from './said-text.ts'
export { nativeEd25519, nativeP256, nativeSuites } from './suites.ts'
