<?php
// Says what Pheanstalk, a client of the beanstalk protocol, hears from a server: a line of JSON.
require 'Pheanstalk/autoload.php';

use Pheanstalk\Pheanstalk;

$producer = Pheanstalk::create('127.0.0.1', (int) $argv[1])->useTube('mail');
$worker = Pheanstalk::create('127.0.0.1', (int) $argv[1])->watchOnly('mail');
$body = "to: Christoph\r\n\0\xff";

$put = $producer->put($body, 7, 0, 60);
$job = $worker->reserveWithTimeout(5);
$heard = ['same' => $job->getData() === $body && $job->getId() === $put->getId()];
$worker->touch($job);
$heard['reserved'] = $worker->statsJob($job)->state;
$worker->bury($job, 9);
$heard['buried'] = $producer->peekBuried()->getData() === $body;
$heard['pri'] = (int) $worker->statsJob($job)->pri;
$heard['kicked'] = $producer->kick(10);
$again = $worker->reserve();
$worker->release($again, 9, 0);
$heard['ready'] = $producer->peekReady()->getId() === $put->getId();
$last = $worker->reserve();
$stats = $worker->statsJob($last);
$heard['reserves'] = (int) $stats->reserves;
$worker->delete($last);
$heard['none'] = $worker->reserveWithTimeout(0);
$delayed = $producer->put('later', 7, 3600);
$heard['delayed'] = $producer->peekDelayed()->getData();
$producer->kickJob($delayed);
$heard['early'] = $worker->reserve()->getData();
$heard['tubes'] = $producer->listTubes();
$heard['watched'] = $worker->listTubesWatched(true);
$producer->pauseTube('mail', 60);
$heard['pause'] = (int) $producer->statsTube('mail')->pause;
$producer->resumeTube('mail');
$heard['kicks'] = (int) $stats->kicks;
$heard['waiting'] = (int) $producer->stats()['current-waiting'];
$worker->delete($delayed);
try {
    $worker->delete($delayed);
} catch (\Pheanstalk\Exception\JobNotFoundException $error) {
    $heard['refused'] = str_contains($error->getMessage(), 'NOT_FOUND');
}
echo json_encode($heard);
