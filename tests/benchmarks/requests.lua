-- Sends prepared requests: each line of the file REQUESTS is "METHOD<tab>PATH<tab>BODY", used once, in order.
-- Each thread takes its own share of the lines. The summary is one JSON line for the harness.
local counter = 0
local threads = {}

function setup(thread)
  thread:set("id", counter)
  counter = counter + 1
  table.insert(threads, thread)
end

function init(args)
  lines, statuses, used = {}, {}, 0
  local share = tonumber(os.getenv("WRK_THREADS"))
  local number = 0
  for line in io.lines(os.getenv("REQUESTS")) do
    if number % share == id then table.insert(lines, line) end
    number = number + 1
  end
  headers = { ["Content-Type"] = "application/json" }
  local token = os.getenv("TOKEN")
  if token ~= nil and token ~= "" then headers["Authorization"] = "Bearer " .. token end
  at = 0
end

function request()
  at = at + 1
  if at > #lines then
    used = used + 1
    at = 1
  end
  local method, path, body = lines[at]:match("^([^\t]*)\t([^\t]*)\t(.*)$")
  return wrk.format(method, path, headers, body)
end

function response(status)
  statuses[status] = (statuses[status] or 0) + 1
end

function done(summary, latency)
  local total, again = {}, 0
  for _, thread in ipairs(threads) do
    again = again + thread:get("used")
    for status, count in pairs(thread:get("statuses")) do
      total[status] = (total[status] or 0) + count
    end
  end
  local parts = {}
  for status, count in pairs(total) do
    table.insert(parts, string.format('"%d":%d', status, count))
  end
  io.write(string.format(
    'SUMMARY {"requests":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d,"rounds":%d,"socket_errors":%d,"statuses":{%s}}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), again,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    table.concat(parts, ",")))
end
