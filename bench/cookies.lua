-- For wrk: GET /auth/verify with the session of another person at each request. The
-- file named on the command line has an id per line. Requests are made beforehand, so
-- that wrk takes as little of the processor as it can.
local requests = {}
local next_one = 0

function init(args)
    for id in io.lines(args[1]) do
        wrk.headers["Cookie"] = "__Host-a0_session=" .. id
        requests[#requests + 1] = wrk.format("GET", "/auth/verify")
    end
    math.randomseed(os.time())
    next_one = math.random(#requests)
end

function request()
    next_one = next_one % #requests + 1
    return requests[next_one]
end
