const REFRESH = 2000;
const NS = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);
const count = new Intl.NumberFormat("en");
let minutes = 60;
let conversation = null;
let timer;
let asked = 0;
let shown = null;

/** An SVG element; attributes that CSS sets have no place here, since the policy forbids inline styles. */
function svg(name, attributes, ...children) {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function html(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

function duration(millis) {
  if (millis === null) return "–";
  if (millis < 1000) return `${Math.round(millis)} ms`;
  return millis < 60000 ? `${(millis / 1000).toFixed(millis < 10000 ? 2 : 1)} s` : `${(millis / 60000).toFixed(1)} min`;
}

/** A duration on an axis: as short as it goes. */
function tick(millis) {
  if (millis === 0) return "0";
  if (millis < 1000) return `${+millis.toFixed(1)} ms`;
  return millis < 60000 ? `${+(millis / 1000).toFixed(2)} s` : `${+(millis / 60000).toFixed(2)} min`;
}

const clock = (time) =>
  new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });

/** A top of the scale that divides into four round steps. */
function niceTop(largest) {
  const step = largest / 4;
  const magnitude = 10 ** Math.floor(Math.log10(step));
  return 4 * magnitude * [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * magnitude >= step - 1e-9);
}

/** Scales, grid and axes; `draw` gets them. */
function plot(place, report, largest, label, draw) {
  if (!(largest > 0)) {
    place.replaceChildren(html("div", { className: "nothing" }, "Nothing in this window yet"));
    return;
  }
  const width = place.clientWidth, height = place.clientHeight;
  const left = 52, bottom = 22, top = 8;
  const end = Date.parse(report.until), start = end - report.minutes * 60000;
  const scale = niceTop(largest);
  const x = (time) => left + ((time - start) / (end - start)) * (width - left);
  const y = (value) => height - bottom - (value / scale) * (height - bottom - top);
  const image = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": place.previousElementSibling.previousElementSibling.textContent });
  for (let i = 0; i <= 4; i++) {
    const value = (scale / 4) * i;
    image.append(
      svg("line", { class: "grid", x1: left, x2: width, y1: y(value), y2: y(value) }),
      svg("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, label(value)));
  }
  let marks = Math.max(2, Math.min(7, Math.floor(width / 130)));
  // Whole minutes apart, as they are written.
  while (report.minutes % (marks - 1) > 0) marks--;
  for (let i = 0; i < marks; i++) {
    const time = start + ((end - start) / (marks - 1)) * i;
    const anchor = i === 0 ? "start" : i === marks - 1 ? "end" : "middle";
    image.append(svg("text", { x: x(time), y: height - 4, "text-anchor": anchor }, clock(time)));
  }
  draw(image, x, y, (width - left) / report.minutes);
  place.replaceChildren(image);
}

function rates(report) {
  const all = report.window.perMinute;
  const largest = Math.max(0, ...all.map((minute) => Math.max(minute.questions, minute.answers)));
  // There is no half of a question.
  plot(byId("per-minute"), report, 4 * Math.ceil(largest / 4), (value) => count.format(value), (image, x, y, step) => {
    const bar = Math.max(0.5, step / 2 - (step > 8 ? 1.5 : 0));
    for (const minute of all) {
      const at = x(Date.parse(minute.at)) + (step - 2 * bar) / 2;
      const group = svg("g", {}, svg("title", {}, `${clock(minute.at)}: ${minute.questions} questions, ${minute.answers} answers`));
      for (const [i, kind] of ["questions", "answers"].entries()) {
        group.append(svg("rect", { class: kind, x: at + i * bar, y: y(minute[kind]), width: bar, height: y(0) - y(minute[kind]), rx: Math.min(2, bar / 3) }));
      }
      image.append(group);
    }
  });
}

function times(report) {
  const all = report.window.perMinute.filter((minute) => minute.timeToAnswer.count > 0);
  const largest = Math.max(0, ...all.map((minute) => minute.timeToAnswer.p99));
  plot(byId("times"), report, largest, tick, (image, x, y, step) => {
    for (const name of ["p99", "p90", "p50"]) {
      let path = "", before = null;
      for (const [i, minute] of all.entries()) {
        const time = Date.parse(minute.at);
        const px = x(time) + step / 2, py = y(minute.timeToAnswer[name]);
        const alone = before === null || time - before > 60000;
        path += `${alone ? "M" : "L"}${px.toFixed(1)} ${py.toFixed(1)}`;
        before = time;
        // A line of one point is not to be seen.
        const last = i === all.length - 1 || Date.parse(all[i + 1].at) - time > 60000;
        if (step > 6 || (alone && last)) {
          image.append(svg("circle", { class: name, cx: px, cy: py, r: 2.5 },
            svg("title", {}, `${clock(minute.at)}: ${name} ${duration(minute.timeToAnswer[name])} of ${minute.timeToAnswer.count} answers`)));
        }
      }
      image.prepend(svg("path", { class: name, d: path }));
    }
  });
}

function statuses(report) {
  const largest = Math.max(1, ...report.statuses.map((status) => status.count));
  byId("statuses").replaceChildren(...report.statuses.map((status) => {
    const bar = svg("svg", { viewBox: "0 0 100 12", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { class: "track", width: 100, height: 12, rx: 1 }),
      svg("rect", { class: status.status, width: Math.max(0.6, (100 * status.count) / largest), height: 12, rx: 1 }));
    const who = status.role === "user" ? "question" : "answer";
    return html("div", { className: "status" }, html("span", {}, `${who}, ${status.status}`), bar, html("span", {}, count.format(status.count)));
  }));
  if (report.statuses.length === 0) byId("statuses").append(html("div", { className: "nothing" }, "No messages yet"));
}

function conversations(report) {
  byId("conversations").replaceChildren(...report.window.conversations.map((one) => {
    const choose = html("button", { type: "button", title: one.id }, one.id.slice(0, 8) + "…" + one.id.slice(-4));
    choose.addEventListener("click", () => only(one.id));
    return html("tr", {}, html("td", {}, choose), html("td", {}, count.format(one.questions)),
      html("td", {}, count.format(one.answers)), html("td", {}, duration(one.timeToAnswer.p50)));
  }));
}

function show(report) {
  shown = report;
  const within = (kind) => report.window.perMinute.reduce((sum, minute) => sum + minute[kind], 0);
  for (const kind of ["questions", "answers"]) {
    byId(kind).textContent = count.format(within(kind));
    byId(`${kind}-all`).textContent = `of ${count.format(report.totals[kind])} in all`;
  }
  const time = report.window.timeToAnswer;
  byId("p50").textContent = duration(time.p50);
  byId("p99").textContent = duration(time.p99);
  byId("p90").textContent = `p90 is ${duration(time.p90)}`;
  rates(report);
  times(report);
  statuses(report);
  conversations(report);
  warn(report.quarantined > 0 ? `${count.format(report.quarantined)} records could not be read and are missing in these numbers.` : "");
  byId("footer").textContent =
    `${count.format(report.totals.rows)} messages in ${count.format(report.totals.conversations)} ${report.totals.conversations === 1 ? "conversation" : "conversations"}. Times are those of your clock.`;
}

function warn(text) {
  byId("warning").textContent = text;
  byId("warning").hidden = text === "";
}

function health(body) {
  const behind = body.lag > 0 ? `${count.format(body.lag)} records behind` : "up to date";
  byId("health").className = body.status === "UP" ? "up" : "";
  byId("health").textContent = body.status === "UP" ? `follows the topic, ${behind}` : `${body.state}: ${body.reason ?? "waits for its partitions"}`;
}

async function refresh() {
  clearTimeout(timer);
  const mine = ++asked;
  try {
    const query = new URLSearchParams({ minutes });
    if (conversation) query.set("conversation", conversation);
    const [report, state] = await Promise.all([fetch(`report?${query}`), fetch("health")]);
    const [numbers, body] = await Promise.all([report.json(), state.json()]);
    if (mine !== asked) return;
    health(body);
    if (report.ok) show(numbers);
    else warn(numbers.detail);
  } catch {
    if (mine !== asked) return;
    byId("health").className = "";
    byId("health").textContent = "no connection; trying again";
  }
  timer = setTimeout(refresh, REFRESH);
}

function only(id) {
  conversation = id;
  byId("scope").hidden = id === null;
  byId("scope").querySelector("code").textContent = id ?? "";
  refresh();
}

function choose(chosen) {
  minutes = chosen;
  for (const button of document.querySelectorAll("nav button")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.minutes) === chosen));
  }
  refresh();
}

for (const button of document.querySelectorAll("nav button")) {
  button.addEventListener("click", () => choose(Number(button.dataset.minutes)));
}
byId("scope").querySelector("button").addEventListener("click", () => only(null));
// The plots are drawn for one width.
addEventListener("resize", () => shown && show(shown));
choose(60);
