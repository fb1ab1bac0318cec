-- wrk's side: the requests are made once, each for another profile; the results come as one line.
function init(args)
  local headers = {
    ["Content-Type"] = args[4],
    ["Authorization"] = "Bearer " .. args[2],
  }
  requests = {}
  local body = io.read("*a")
  next_request = 0
  for number = 1, tonumber(args[3]) do
    local path = args[1]:gsub("%%n", string.format("%012d", number))
    requests[number] = wrk.format("PATCH", path, headers, body)
  end
  if args[5] then stop_after(tonumber(args[5])) end
end

-- wrk reads responses by Lua only where this function is there, which is slower.
function stop_after(requests_max)
  local answered = 0
  response = function()
    answered = answered + 1
    if answered == requests_max then wrk.thread:stop() end
  end
end

function request()
  next_request = next_request % #requests + 1
  return requests[next_request]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"durationMs":%.3f,"p50Ms":%.4f,"p99Ms":%.4f,"failed":%d}\n',
    summary.requests, summary.duration / 1000,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
