/** Debian's Chromium, with pages that come from the test and no network at all. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'

const NAME = 'chromium'
const ORIGIN = 'https://vectors.test'
/** No eval, nothing inline, nothing from elsewhere. */
export const POLICY = "default-src 'none'; script-src 'self'"

/** Starts the browser. @throws Error that says what to install when there is none */
export async function launchChromium(): Promise<Browser> {
  const executablePath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, NAME))
    .find(isExecutable)
  if (executablePath === undefined) {
    throw new Error(`${NAME} is not on the PATH: apt-get install --no-install-recommends ${NAME}`)
  }
  // A container has no user namespaces to make a sandbox of; the pages are ours.
  return await chromium.launch({ executablePath, chromiumSandbox: false })
}

/** What a page printed or threw. */
export interface PageLog {
  readonly errors: string[]
  /** Addresses that it asked for beyond its own files. */
  readonly requests: string[]
}

/**
 * Opens a page that loads these modules, by name, in order, under {@link POLICY}.
 * @returns what they gave to `report()`, and the page's log until then
 */
export async function runPage<T>(
  page: Page,
  modules: Readonly<Record<string, string>>,
): Promise<{ readonly said: T; readonly log: PageLog }> {
  const log = await serve(page, modules)
  const said = new Promise<T>((resolve, reject) => {
    page.on('pageerror', reject) // a program that fails would never report
    page
      .exposeFunction('report', resolve)
      .then(() => page.goto(`${ORIGIN}/`))
      .catch(reject)
  })
  return { said: await said, log }
}

async function serve(page: Page, modules: Readonly<Record<string, string>>): Promise<PageLog> {
  const log: PageLog = { errors: [], requests: [] }
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) log.errors.push(message.text())
  })
  await page.route('**/*', async (route) => {
    const { origin, pathname } = new URL(route.request().url())
    const script = modules[pathname.slice(1)]
    if (origin === ORIGIN && pathname === '/') {
      const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': POLICY }
      return await route.fulfill({ headers, body: htmlOf(Object.keys(modules)) })
    }
    if (origin === ORIGIN && script !== undefined) {
      return await route.fulfill({ headers: { 'content-type': 'text/javascript; charset=utf-8' }, body: script })
    }
    log.requests.push(route.request().url())
    return await route.abort()
  })
  return log
}

function htmlOf(modules: readonly string[]): string {
  const tags = modules.map((name) => `<script type="module" src="/${name}"></script>`)
  return `<!doctype html><meta charset="utf-8"><title>vectors</title>${tags.join('')}`
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
