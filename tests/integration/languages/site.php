<?php
// A page of a site: a connection to Redis and a call of a service, made anew for each request, as PHP does it.
$redis = new Redis();
$redis->connect($_SERVER['REDIS_SOCKET']);
$count = $redis->incr('visits');
$redis->setex("visit:$count", 60, 'here');
$stored = $redis->get("visit:$count");
$redis->close();
if (function_exists('curl_init')) {
    $call = curl_init($_SERVER['SERVICE_URL']);
    curl_setopt($call, CURLOPT_RETURNTRANSFER, true);
    $said = curl_exec($call);
    curl_close($call);
} else {
    $said = file_get_contents($_SERVER['SERVICE_URL']);
}
if ($stored !== 'here' || $said !== 'hello ') http_response_code(500);
echo "ok\n";
