-- Inference requests for wrk, all alike: wrk -s infer.lua URL -- ROWS LATENT_SIZE binary|json
-- Prints one line of figures: requests, microseconds, p50 and p99 in microseconds, errors.
local ffi = require("ffi")

function init(args)
  local rows, size, form = tonumber(args[1]), tonumber(args[2]), args[3]
  math.randomseed(7)
  local values = ffi.new("float[?]", rows * size)
  local texts = {}
  for i = 0, rows * size - 1 do
    values[i] = math.random() * 2 - 1
    texts[i + 1] = string.format("%.7f", values[i])
  end
  local input = '{"name":"latent","datatype":"FP32","shape":[' .. rows .. "," .. size .. "],"
  wrk.method = "POST"
  if form == "json" then
    wrk.headers["Content-Type"] = "application/json"
    wrk.body = '{"inputs":[' .. input .. '"data":[' .. table.concat(texts, ",") .. ']}],"outputs":[{"name":"image"}]}'
  else
    local bytes = ffi.string(values, rows * size * 4)
    local json = '{"inputs":[' .. input .. '"parameters":{"binary_data_size":' .. #bytes
      .. '}}],"outputs":[{"name":"image","parameters":{"binary_data":true}}]}'
    wrk.headers["Content-Type"] = "application/octet-stream"
    wrk.headers["Inference-Header-Content-Length"] = tostring(#json)
    wrk.body = json .. bytes
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  print(string.format("measured %d %d %.0f %.0f %d", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
