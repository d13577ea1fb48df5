<?php
// A page that is told what to do with its session, a line at a time: open ID, get NAME,
// set NAME VALUE, close. Answers each with a line.
ini_set('session.save_handler', 'redis');
ini_set('session.save_path', 'tcp://127.0.0.1:' . $argv[1]);
ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');
ini_set('redis.session.locking_enabled', '1');

while (($line = fgets(STDIN)) !== false) {
    [$verb, $name, $value] = array_pad(explode(' ', rtrim($line, "\n")), 3, '');
    switch ($verb) {
        case 'open':
            session_id($name);
            $answer = session_start() ? 'opened' : 'failed';
            break;
        case 'get':
            $answer = $_SESSION['_sf2_attributes'][$name] ?? 'none';
            break;
        case 'set':
            $_SESSION['_sf2_attributes'][$name] = $answer = $value;
            break;
        case 'close':
            session_write_close();
            $answer = 'closed';
            break;
    }
    echo $answer, "\n";
}
