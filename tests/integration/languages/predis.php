<?php
// Usage: predis.php PORT COUNT. A client of Predis for each call, with a transaction now and then.
require '/usr/share/php/Predis/Autoloader.php';
Predis\Autoloader::register();
for ($i = 0; $i < (int) $argv[2]; ++$i) {
    $redis = new Predis\Client(['host' => '127.0.0.1', 'port' => (int) $argv[1], 'database' => $i % 3]);
    $redis->set("predis:$i", (string) $i);
    if ($redis->get("predis:$i") !== (string) $i) exit("wrong value of $i\n");
    $got = $redis->transaction(function ($t) use ($i) {
        $t->incr("predis:count");
        $t->get("predis:$i");
    });
    if ($got[1] !== (string) $i) exit("wrong value of $i in the transaction\n");
    $redis->disconnect();
}
echo "done\n";
