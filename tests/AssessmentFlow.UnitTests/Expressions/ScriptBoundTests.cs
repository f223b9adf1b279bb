using AssessmentFlow.Engine.Execution;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Expressions;

/// <summary>
/// A few words can ask for more than a machine has, or for ever: each way of asking is an incident, and the process goes on.
/// What is bounded shows by the code of the incident; what is not, by a test run that does not come back.
/// </summary>
public sealed class ScriptBoundTests
{
    private const string Wide = "let a = [1,2,3,4,5,6,7,8,9,0]; for (let i = 0; i < 12; i++) a = [a,a,a,a,a,a,a,a,a,a]; ";
    private const string Doubled = "let s = 'x'; for (let i = 0; i < 40; i++) s += s; ";

    [Theory]
    [InlineData("'x'.repeat(1e9).length")]
    [InlineData("'x'.repeat(5e8).length")]
    [InlineData("'x'.padStart(5e8).length + 'x'.padEnd(5e8).length")]
    [InlineData(Doubled + "s.length")]
    [InlineData("let s = 'x'; const held = []; for (let i = 0; i < 25; i++) s += s; for (let i = 0; i < 50; i++) held.push(s.toUpperCase()); 1")]
    [InlineData("'x'.repeat(1e6).replaceAll('x', 'y'.repeat(1e4)).length")]
    [InlineData("'x'.repeat(1e6).replace(/x/g, 'y'.repeat(1e4)).length")]
    [InlineData("new Array(99999).join('x'.repeat(9999)).length")]
    [InlineData("new Array(1e9).length")]
    [InlineData("const a = []; a.length = 4e9; a.join().length")]
    [InlineData("Array.from({ length: 1e9 }).length")]
    [InlineData("Array.prototype.join.call({ length: 1e9 }, 'x').length")]
    [InlineData("Array.prototype.forEach.call({ length: 4e9 }, () => 1)")]
    [InlineData("Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1, 0: 1 }, 2)")]
    [InlineData("Array.prototype.reverse.call({ length: 2 ** 53 - 1 })")]
    [InlineData(Wide + "String(a).length")]
    [InlineData(Wide + "JSON.stringify(a).length")]
    [InlineData(Wide + "JSON.stringify(a, [1]).length")]
    [InlineData(Wide + "JSON.stringify({ a }, (k, v) => v).length")]
    [InlineData(Wide + "toJson(a).length")]
    [InlineData(Wide + "a.flat(Infinity).length")]
    [InlineData(Wide + "a.toLocaleString().length")]
    [InlineData("JSON.parse('[' + '[],'.repeat(1e6) + '[]]').length")]
    [InlineData("JSON.parse('['.repeat(1e5) + ']'.repeat(1e5))")]
    [InlineData("new ArrayBuffer(2e9).byteLength")]
    [InlineData("new Uint8Array(5e8).fill(1).length")]
    [InlineData("const held = []; for (let i = 0; i < 20; i++) held.push(new ArrayBuffer(5e7)); 1")]
    [InlineData("let b = BigInt(3); for (let i = 0; i < 40; i++) b = b * b; 1")]
    [InlineData("let b = BigInt(3)")]
    [InlineData("BigInt('9'.repeat(3e6)) > 1")]
    [InlineData("/^(a+)+$/.test('a'.repeat(40) + 'b')")]
    [InlineData("let n = 0; for (let i = 0; i < 30; i++) { try { new RegExp('(x+x+)+y').test('x'.repeat(100)); } catch (e) { n++; } } n")]
    [InlineData("'x'.repeat(1e7).match(/x/g).length")]
    [InlineData("Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0, 60000)")]
    [InlineData("const g = function* () { while (true) yield 1; }; [...g()].length")]
    [InlineData("const f = () => Promise.resolve().then(f); f(); 1")]
    [InlineData("const f = () => Promise.resolve().then(f); f()")]
    [InlineData("(async () => { while (true) await 1; })()")]
    [InlineData("(async () => 'x'.repeat(1e9))()")]
    [InlineData("const o = { toString() { return this + ''; } }; '' + o")]
    [InlineData("''.concat(...new Array(3000).fill('x'.repeat(1e6))).length")]
    [InlineData("String.raw({ raw: ['', '', '', ''] }, ...new Array(3).fill('x'.repeat(1e6))).length")]
    [InlineData("'x'.repeat(1e5).replace(/x/g, \"$'\").length")]
    [InlineData("'x'.repeat(1e5).replace(/x/g, { toString() { return '$`'; } }).length")]
    [InlineData("new String('x'.repeat(1e6)).repeat(1000).length")]
    [InlineData("let n = 0; 'x'.repeat({ valueOf() { return n++ ? 5e8 : 1; } }).length + 'x'.repeat({ valueOf() { return 5e8; } }).length")]
    [InlineData("const v = new DataView(new ArrayBuffer(8)); v.setUint8(7, 3); let x = v.getBigInt64(0); for (let i = 0; i < 40; i++) x = x * x; 1")]
    [InlineData("new ArrayBuffer(8).transfer(2e9).byteLength")]
    [InlineData("new (bytesFromString('x').constructor)(2e9).byteLength")]
    [InlineData("new globalThis['Arr' + 'ayBuffer'](2e9).byteLength")]
    [InlineData("new Arr\\u0061yBuffer(2e9).byteLength")]
    [InlineData("const a = []; a.push(a); a.flat(Infinity).length")]
    [InlineData("new Uint8Array(9999).join('x'.repeat(1e6)).length")]
    [InlineData("Object.getPrototypeOf(bytesFromString('x').constructor).prototype.join.call(new Float64Array(9999), 'x'.repeat(1e6)).length")]
    [InlineData("Number.prototype.toLocaleString = () => 'x'.repeat(1e6); new Uint8Array(9999).toLocaleString().length")]
    [InlineData("new Array(9999).fill('x'.repeat(1e6)).toLocaleString().length")]
    [InlineData("const a = new Array(999).fill('x'.repeat(1e4)); new Array(999).fill(a).toLocaleString().length")]
    [InlineData("Array.prototype.toLocaleString.call({ length: 1e9 }).length")]
    [InlineData("/x/g[Symbol.replace]('x'.repeat(9000), \"$'\".repeat(9)).length")]
    [InlineData("/x/g[Symbol.replace]('x'.repeat(9000), \"$'\").length")]
    [InlineData("let f; 'x'.replace(new Proxy({}, { get: (t, name) => { f = f ?? name; } }), ''); /x/g[f]('x'.repeat(9000), \"$'\").length")]
    [InlineData("new RegExp('x', 'g')[Symbol.replace]('x'.repeat(9000), () => 'y'.repeat(9000)).length")]
    [InlineData("'x'.repeat(1e5).replace(/(?=(.*))/g, '$1').length")]
    [InlineData("const r = /x/g, m = { length: 2, index: 0, 0: '', 1: 'y'.repeat(1e6) }; let n = 0; r.exec = () => n++ < 9999 ? m : null; 'x'.replace(r, '$1').length")]
    public void What_a_script_may_not_ask_for_is_an_incident(string script) => Fails("JavaScript", script);

    [Theory]
    [InlineData("{% for i in (1..1000000000) %}{% endfor %}")]
    [InlineData("{{ (1..1000000000) | size }}")]
    [InlineData("{% assign s = 'x' %}{% for i in (1..28) %}{% assign s = s | append: s %}{% endfor %}{{ s | size }}")]
    [InlineData("{% assign s = 'x' %}{% for i in (1..16) %}{% assign s = s | append: s %}{% endfor %}{{ s | replace: 'x', s | size }}")]
    [InlineData("{% assign s = 'x' %}{% for i in (1..16) %}{% assign s = s | append: s %}{% endfor %}{% capture t %}{% for i in (1..50000) %}{{ s }}{% endfor %}{% endcapture %}{{ t | size }}")]
    [InlineData("{% assign s = 'x' %}{% for i in (1..16) %}{% assign s = s | append: s %}{% endfor %}{% for i in (1..50000) %}{{ s }}{% endfor %}")]
    [InlineData("{% assign a = (1..1000) %}{% for i in (1..20) %}{% assign a = a | concat: a %}{% endfor %}{{ a | size }}")]
    [InlineData("{% assign s = 'x' %}{% for i in (1..15) %}{% assign s = s | append: s %}{% endfor %}{% assign a = (1..9999) | join: s %}{{ a | size }}")]
    [InlineData("{% assign s = 'x' %}{% for i in (1..17) %}{% assign s = s | append: s %}{% endfor %}{% for i in (1..90000) %}{% assign t = s | upcase | downcase | upcase %}{% endfor %}{{ t | size }}")]
    [InlineData("{{ '{0,999999}{0,999999}' | format_string: 1 | size }}")]
    [InlineData("{{ 5 | format_number: 'D999999999' | size }}")]
    [InlineData("{{ 'now' | date: '%999999999Y' | size }}")]
    public void What_a_template_may_not_ask_for_is_an_incident(string template) => Fails("Liquid", template);

    [Fact]
    public void A_number_without_bound_is_refused_at_import()
    {
        var problem = Assert.Single(new EngineWorld().Publish(Definition("drawn", LineJs("x", "let b = 3n; for (let i = 0; i < 40; i++) b = b * b; 1"))));

        Assert.Equal(("$.root.text.expression.value", "script-unreadable"), (problem.Path, problem.Code));
    }

    [Theory]
    [InlineData("[1, [2, [3, , null]], 'x'].join('-') + [[1, 2], undefined, true] + [3, 1].toString() + [1, 2].join()", "1-2,3,,-x1,2,,true3,11,2")]
    [InlineData("const a = [1]; a.push(a); '' + a + Array.prototype.join.call({ length: 2, 0: 'x', 1: 'y' })", "1,x,y")]
    [InlineData("JSON.stringify([1, [2, [3, [4]]]].flat()) + JSON.stringify([1, [2, [3, [4]]], , 5].flat(Infinity)) + JSON.stringify([[1]].flat(0))", "[1,2,[3,[4]]][1,2,3,4,5][[1]]")]
    [InlineData("JSON.stringify({ a: 1, b: [{ a: 2, c: 3 }], d: undefined, e: new Date(0) }, ['a', 'b'])", "{\"a\":1,\"b\":[{\"a\":2}]}")]
    [InlineData("JSON.stringify({ a: 1, b: 'x' }, (k, v) => k === 'a' ? v + 1 : v) + JSON.stringify(undefined) + JSON.stringify([1], null, 1).length", "{\"a\":2,\"b\":\"x\"}undefined6")]
    [InlineData("'ab'.repeat(2) + 'x'.padStart(3, '-') + 'x'.padEnd(2) + '|' + 'a1b22'.match(/\\d+/g) + 'a.b'.split('.') + 'aXaX'.replaceAll('X', 'y') + 'ab'.replace(/b/, c => c + c)", "abab--xx |1,22a,bayayabb")]
    [InlineData("new Uint8Array([1, 2]).length + new Uint8Array(3).length + Uint8Array.from([1]).length + ' ' + (new Uint8Array(1) instanceof Uint8Array) + new ArrayBuffer(4).byteLength + Uint8Array.name", "6 true4Uint8Array")]
    [InlineData("encodeURIComponent('é') + typeof BigInt + typeof Temporal + typeof WeakRef", "%C3%A9undefinedundefinedundefined")]
    [InlineData("'a'.concat('b', 1) + String.raw`\\n${1}` + 'axb'.replace('x', \"$'$`\") + new String('ab').repeat(2) + 'ab'.replace('b', 7) + 'abc'.split('b').length", "ab1\\n1ababababa72")]
    [InlineData("new Uint8Array([1, 2]).join() + new Float64Array([1.5, 2]).join('-') + new Uint8Array([1, 2]) + new Uint8Array(2e5).join('').length", "1,21.5-21,2200000")]
    [InlineData("[1.5, [2, null], 'x', undefined, true].toLocaleString() + '|' + new Uint8Array([1, 2]).toLocaleString() + '|' + [{ toLocaleString: () => 'own' }].toLocaleString()", "1.5,2,,x,,true|1,2|own")]
    [InlineData("let t = 0; try { Object.getPrototypeOf(Uint8Array).prototype.join.call([1], ''); } catch (e) { t = e instanceof TypeError; } t + [].toLocaleString()", "true")]
    [InlineData("'John Smith'.replace(/(\\w+) (\\w+)/, '$2, $1 $0 $3 $& $$ $01 $12') + '|' + 'a-b-c'.replace(/-/g, \"[$`$'$]\")", "Smith, John $0 $3 John Smith $ John John2|a[ab-c$]b[a-bc$]c")]
    [InlineData("'2030-05'.replace(/(?<y>\\d+)-(?<m>\\d+)/u, '$<m>.$<y>$<x>$<') + 'ab'.replace(/b(c)?/, '[$1$<a>]') + 'aXa'.replace(/x/gi, (m, at, all) => m + at + all)", "05.2030$<a[$<a>]aX1aXaa")]
    [InlineData("/b/[Symbol.replace]('abb', 'c') + /b/g[Symbol.replace]('abb', 7) + 'ab'.replace(/b/) + 'a1b2'.split(/\\d/) + 'abab'.match(/a/g).length + [...'abab'.matchAll(/a/g)].length + /b/y[Symbol.replace]('bb', 'c') + 'äöü'.replaceAll(/ö/gu, '')", "acba77aundefineda,b,22cbäü")]
    [InlineData("let a = [], i = 45000; while (i--) a = [a]; String(a) + '.'", ".")]
    public void What_is_bounded_does_what_it_does_elsewhere(string script, string expected) =>
        Assert.Equal(expected, Assert.Single(Written(script)));

    private static IReadOnlyList<string> Written(string script)
    {
        var world = new EngineWorld();
        Assert.Empty(Run(world, LineJs("x", script)).State.Incidents);
        return world.Printed;
    }

    private static void Fails(string language, string text)
    {
        var instance = Run(new EngineWorld(), Activity("Elsa.WriteLine", "x", ("text", Wrapped(language, text))));

        var code = Assert.Single(instance.State.Incidents).Code;
        Assert.Contains(code, (string[])["script-failed", "script-too-large", "script-too-long-running", "value-too-large", "template-failed"]);
    }
}
