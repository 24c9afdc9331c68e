// A whole AT Protocol network in one process, by the network's own development package: PLC directory, PDS (SQLite),
// AppView with search and notifications, Ozone (PostgreSQL, Redis). Prints one line when it is ready.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(pathToFileURL(process.cwd() + '/x.js'))
const { TestNetwork } = await import(pathToFileURL(require.resolve('@atproto/dev-env')).href)
const port = (name) => Number(process.env[name])
const network = await TestNetwork.create({
  dbPostgresSchema: 'stormdesk',
  plc: { port: port('PLC_PORT') },
  pds: { port: port('PDS_PORT'), hostname: 'localhost', enableDidDocWithSession: true },
  bsky: { port: port('BSKY_PORT') },
  ozone: { port: port('OZONE_PORT') },
})
console.log('READY', JSON.stringify({ plc: network.plc.url, pds: network.pds.url, appview: network.bsky.url }))
