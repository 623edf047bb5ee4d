// An SMSC made of the npm package smpp, told over HTTP what to do. Prints its two ports as JSON.
//
// Message bodies stay bytes on their way through, so what one side encodes is what the other side
// gets; beside them the package's own decoder says what it reads in them.
const fs = require('fs');
const http = require('http');
const smpp = require('smpp');
const { filters } = require('smpp/lib/defs');

const read = filters.message.decode;
filters.message.decode = (value) => value;

const PASSWORD = process.env.SMSC_PASSWORD || 'pw';
const RECEIPTS = { delivered: ['DELIVRD', 2], failed: ['UNDELIV', 5], expired: ['EXPIRED', 3] };
const START = { bind: 0, submit: 'take', times: -1, after: 0, status: 0, receipts: '', receiptAfter: 20, seconds: false, err: '000', tlvs: true, ids: 'same' };

let rules = { ...START };
let sessions = [];
let routes = {};
let taken = [];
let answers = [];
let binds = [];
let kept = [];
let lastId = Number(process.env.SMSC_FIRST_ID || 0);

const tls = process.env.SMSC_CERT
  ? { cert: fs.readFileSync(process.env.SMSC_CERT), key: fs.readFileSync(process.env.SMSC_KEY) }
  : {};

const server = smpp.createServer(tls, (session) => {
  session.on('error', () => session.destroy());
  session.on('close', () => {
    sessions = sessions.filter((other) => other !== session);
  });
  for (const mode of ['transceiver', 'transmitter', 'receiver']) {
    session.on(`bind_${mode}`, (pdu) => bind(session, mode, pdu));
  }
  session.on('enquire_link', (pdu) => {
    session.enquiries = (session.enquiries || 0) + 1;
    if (rules.submit !== 'deaf') session.send(pdu.response());
  });
  session.on('unbind', (pdu) => {
    session.send(pdu.response());
    session.close();
  });
  session.on('deliver_sm_resp', (pdu) => answers.push(pdu.command_status));
  session.on('submit_sm', (pdu) => submit(session, pdu));
});

function bind(session, mode, pdu) {
  const status = rules.bind || (pdu.password === PASSWORD ? 0 : smpp.ESME_RINVPASWD);
  binds.push({ mode, system_id: pdu.system_id, status });
  session.send(pdu.response({ command_status: status, system_id: 'NODESMSC' }));
  if (status) return session.close();
  session.mode = mode;
  session.systemId = pdu.system_id;
  sessions.push(session);
  handOn();
}

function submit(session, pdu) {
  rules.after -= 1;
  const script = rules.times === 0 || rules.after >= 0 ? 'take' : rules.submit;
  if (rules.times > 0 && script !== 'take') rules.times -= 1;
  if (script === 'silent' || script === 'deaf') return;
  if (script === 'drop') return session.destroy();
  if (script === 'refuse') return session.send(pdu.response({ command_status: rules.status }));
  if (script === 'nack') {
    return session.send(new smpp.PDU('generic_nack', { command_status: rules.status || 3, sequence_number: pdu.sequence_number }));
  }
  lastId += 1;
  const id = String(lastId);
  const body = pdu.message_payload || pdu.short_message;
  if (taken.length < 20000) taken.push(shown(id, pdu, body));
  if (script === 'take_and_drop') return session.destroy();
  session.send(pdu.response({ message_id: rules.ids === 'hex' ? lastId.toString(16) : id }));
  const route = routes[pdu.destination_addr];
  if (route) forward(route, pdu, body);
  if (rules.receipts && pdu.registered_delivery & 1) {
    setTimeout(() => receipt(pdu, id), rules.receiptAfter);
  }
}

function shown(id, pdu, body) {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(String(body || ''));
  const decoded = read.call(pdu, bytes);
  return {
    id,
    from: pdu.source_addr,
    to: pdu.destination_addr,
    ton: [pdu.source_addr_ton, pdu.dest_addr_ton],
    npi: [pdu.source_addr_npi, pdu.dest_addr_npi],
    esm: pdu.esm_class,
    coding: pdu.data_coding,
    registered: pdu.registered_delivery,
    hex: bytes.toString('hex'),
    text: String(decoded && decoded.message !== undefined ? decoded.message : decoded),
    sar: [pdu.sar_msg_ref_num, pdu.sar_segment_seqnum, pdu.sar_total_segments].map((one) => (one === undefined ? null : one)),
  };
}

// What is handed on is kept until the other side has taken it, as a real centre does.
function forward(systemId, pdu, body) {
  const message = {
    source_addr_ton: pdu.source_addr_ton,
    source_addr_npi: pdu.source_addr_npi,
    source_addr: pdu.source_addr,
    dest_addr_ton: pdu.dest_addr_ton,
    dest_addr_npi: pdu.dest_addr_npi,
    destination_addr: pdu.destination_addr,
    esm_class: pdu.esm_class,
    data_coding: pdu.data_coding,
    short_message: body,
  };
  kept.push({ systemId, message, session: null });
  handOn();
}

function handOn() {
  for (const one of kept) {
    if (one.session && sessions.includes(one.session)) continue;
    const target = sessions.find((s) => s.systemId === one.systemId && s.mode !== 'transmitter');
    one.session = target || null;
    if (!target) continue;
    target.deliver_sm({ ...one.message }, (answer) => {
      if (answer.command_status === 0) kept = kept.filter((other) => other !== one);
      else one.session = null;
    });
  }
}

function receipt(pdu, id) {
  const [stat, state] = RECEIPTS[rules.receipts] || [rules.receipts, 7];
  const at = rules.seconds ? '261123120005' : '2611231200';
  const good = stat === 'DELIVRD' ? '001' : '000';
  const text = `id:${id} sub:001 dlvrd:${good} submit date:${at} done date:${at} stat:${stat} err:${rules.err} text:x`;
  deliver({
    esm_class: 4,
    source_addr_ton: 1,
    source_addr: pdu.destination_addr,
    destination_addr: pdu.source_addr,
    short_message: Buffer.from(text, 'latin1'),
    ...(rules.tlvs ? { receipted_message_id: id, message_state: state } : {}),
  });
}

function deliver(pdu, systemId) {
  const target = sessions.findLast(
    (one) => one.mode !== 'transmitter' && (!systemId || one.systemId === systemId),
  );
  if (target) target.deliver_sm(pdu);
  return Boolean(target);
}

const orders = {
  '/behave': (order) => {
    rules = { ...START, ...order };
  },
  '/route': (order) => {
    routes = { ...routes, ...order };
  },
  '/deliver': (orders) => {
    for (const { hex, system_id, ...pdu } of orders) {
      if (hex !== undefined) pdu.short_message = Buffer.from(hex, 'hex');
      deliver(pdu, system_id);
    }
  },
  '/raw': ({ hex }) => sessions.findLast((one) => one.mode !== 'transmitter').socket.write(Buffer.from(hex, 'hex')),
  '/drop': () => sessions.slice().forEach((one) => one.destroy()),
  '/unbind': () => sessions.slice().forEach((one) => one.unbind()),
  '/forget': () => {
    taken = [];
    answers = [];
    binds = [];
  },
};

setInterval(handOn, 200);

const control = http.createServer((request, response) => {
  let body = '';
  request.on('data', (piece) => {
    body += piece;
  });
  request.on('end', () => {
    const order = orders[request.url];
    if (order) order(body ? JSON.parse(body) : {});
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        taken: request.url === '/state' || order ? taken : [],
        answers,
        binds,
        count: lastId,
        bound: sessions.map((one) => ({ mode: one.mode, system_id: one.systemId, enquiries: one.enquiries || 0 })),
      }),
    );
  });
});

server.listen(0, '127.0.0.1', () => {
  control.listen(0, '127.0.0.1', () => {
    console.log(JSON.stringify({ smpp: server.address().port, control: control.address().port }));
  });
});
