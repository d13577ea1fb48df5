<?php
// Answers questions about PHP's formats, one a line on standard input: a verb and hex arguments.
error_reporting(0);
ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');
ini_set('session.save_handler', 'user');

final class Nowhere implements SessionHandlerInterface
{
    public function open($path, $name): bool { return true; }
    public function close(): bool { return true; }
    public function read($id): string { return ''; }
    public function write($id, $data): bool { return true; }
    public function destroy($id): bool { return true; }
    public function gc($lifetime): int { return 0; }
}

#[AllowDynamicProperties]
class Node { public $a; protected $b; private $c; function fill($a, $b, $c) { $this->a = $a; $this->b = $b; $this->c = $c; return $this; } function &slot() { return $this->b; } }
class Child extends Node { private $c; protected $d = 1.5; function fillChild($c) { $this->c = $c; return $this; } }
class Magic { public $state = []; function __serialize(): array { return $this->state; } function __unserialize(array $s): void { $this->state = $s; } }
class Sleeper { public $x; public $y; private $z = 'z'; function __sleep() { return ['x', 'z']; } }
class Legacy implements Serializable { public $x; function serialize() { return serialize($this->x); } function unserialize($s) { $this->x = unserialize($s); } }
class Opaque implements Serializable { public $x = 'abc'; function serialize() { return $this->x; } function unserialize($s) { $this->x = $s; } }
enum Suit: string { case Hearts = 'h'; case Spades = 's'; }
enum Unit { case Only; }

final class Maker
{
    private array $objects = [];
    private array $cells = [];

    function __construct(private bool $cellsHoldObjects) {}

    function text(): string
    {
        return match (mt_rand(0, 5)) {
            0 => '',
            1 => random_text(mt_rand(1, 40)),
            2 => 'žluť ' . mt_rand(),
            3 => "a|b;c:\"d\"}\n\0",
            4 => str_repeat('x', mt_rand(0, 2000)),
            default => 'k' . mt_rand(0, 9),
        };
    }

    function scalar()
    {
        return match (mt_rand(0, 9)) {
            0 => null,
            1 => (bool) mt_rand(0, 1),
            2 => mt_rand(-5, 5),
            3 => [PHP_INT_MAX, PHP_INT_MIN, 9007199254740991, 9007199254740992, -9007199254740993][mt_rand(0, 4)],
            4 => (mt_rand() << 32) ^ mt_rand(),
            5 => unpack('d', pack('P', (mt_rand() << 33) ^ (mt_rand() << 20) ^ mt_rand()))[1],
            6 => [INF, -INF, NAN, -0.0, 0.1, 1e15, 1e16, 1e17, 1e-4, 1e-5, 1.5, 3.0][mt_rand(0, 11)],
            7 => mt_rand(-1000, 1000) / 8,
            default => $this->text(),
        };
    }

    function value(int $depth)
    {
        $kind = $depth <= 0 ? mt_rand(0, 9) : mt_rand(0, 24);
        if ($kind < 9) return $this->scalar();
        if ($kind < 10) return $this->objects ? $this->objects[array_rand($this->objects)] : Suit::Hearts;
        if ($kind < 17) return $this->list($depth - 1);
        return $this->object($kind, $depth - 1);
    }

    private function cell(int $depth)
    {
        $value = $this->value($depth);
        return is_object($value) && !$this->cellsHoldObjects ? [$value] : $value;
    }

    private function list(int $depth): array
    {
        $array = [];
        $count = mt_rand(0, mt_rand(0, 5) ? 5 : 14);
        for ($i = 0; $i < $count; $i++) {
            $key = match (mt_rand(0, 3)) { 0 => $this->text(), 1 => mt_rand(-3, 30), default => count($array) };
            if (mt_rand(0, 5)) { $array[$key] = $this->value($depth); continue; }
            unset($array[$key]);
            if (!$this->cells || mt_rand(0, 1)) { $cell = $this->cell($depth); $this->cells[] = &$cell; unset($cell); }
            $array[$key] = &$this->cells[array_rand($this->cells)];
        }
        return $array;
    }

    private function object(int $kind, int $depth)
    {
        $object = match ($kind) {
            17 => new stdClass, 18 => new Node, 19 => new Child, 20 => new Magic,
            21 => new Sleeper, 22 => [new Legacy, new Opaque, new SplObjectStorage][mt_rand(0, 2)],
            23 => [Suit::Hearts, Suit::Spades, Unit::Only][mt_rand(0, 2)],
            default => [new DateTimeImmutable('2026-01-02'), new ArrayObject(['q' => 1])][mt_rand(0, 1)],
        };
        $this->objects[] = $object;
        if ($object instanceof stdClass) {
            foreach ($this->list($depth) as $key => &$each) $object->{$key === '' || $key[0] === "\0" ? 'e' : "p$key"} = &$each;
        } elseif ($object instanceof Node) {
            $object->fill($this->value($depth), $this->value($depth), $this->value($depth));
            if ($object instanceof Child) $object->fillChild($this->value($depth));
            if (mt_rand(0, 3) === 0) { $object->fill(1, $this->cell($depth), 2); $this->cells[] = &$object->slot(); }
            if (mt_rand(0, 5) === 0) $object->{'7'} = $object;
        } elseif ($object instanceof Magic) {
            $object->state = $this->list($depth);
        } elseif ($object instanceof Sleeper || $object instanceof Legacy) {
            $object->x = $this->value($depth);
        } elseif ($object instanceof Opaque) {
            $object->x = ['abc', '', '{"id":5,"n":[1]}', '["N",true]'][mt_rand(0, 3)];
        } elseif ($object instanceof SplObjectStorage) {
            $object[new stdClass] = $this->value($depth);
        }
        return $object;
    }
}

function random_text(int $length): string
{
    $text = '';
    while (strlen($text) < $length) $text .= chr(mt_rand(0, 255));
    return $text;
}

session_set_save_handler(new Nowhere, false);
session_start();
while (($line = fgets(STDIN)) !== false) {
    [$verb, $argument, $more] = array_pad(explode(' ', trim($line)), 3, '');
    $answer = match ($verb) {
        'make' => (function () use ($argument) { mt_srand((int) $argument); return serialize((new Maker(true))->value(mt_rand(0, 5))); })(),
        'echo' => (function () use ($argument) { $bytes = hex2bin($argument); $value = unserialize($bytes); return $value === false && $bytes !== 'b:0;' ? null : serialize($value); })(),
        'make-session' => (function () use ($argument) {
            mt_srand((int) $argument);
            $maker = new Maker(false);
            $_SESSION = [];
            for ($i = mt_rand(0, 6); $i > 0; $i--) $_SESSION[['a', 'b', 'c', 'ž', '!d', ''][mt_rand(0, 5)]] = $maker->value(3);
            $shared = [$maker->value(2)];
            if (mt_rand(0, 1)) { $_SESSION['x'] = &$shared; $_SESSION['y'] = &$shared; }
            return session_encode();
        })(),
        'set' => (function () use ($argument, $more) { $_SESSION = []; session_decode(hex2bin($argument)); $_SESSION[hex2bin($more)] = ['new', 1]; return session_encode(); })(),
        'unset' => (function () use ($argument, $more) { $_SESSION = []; session_decode(hex2bin($argument)); unset($_SESSION[hex2bin($more)]); return session_encode(); })(),
    };
    echo $answer === null ? "refused" : bin2hex($answer), "\n";
}
