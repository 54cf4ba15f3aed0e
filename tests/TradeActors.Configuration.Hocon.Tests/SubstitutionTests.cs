using Xunit;

namespace TradeActors.Configuration.Hocon.Tests;

/// <summary>The section "Substitutions" of the specification, with all its examples.</summary>
public sealed class SubstitutionTests
{
    [Theory]
    [InlineData("a = 1, b = ${a}", "a=1|b=1")]
    [InlineData("b = ${a}, a = 1", "a=1|b=1")]
    [InlineData("a = 1, b = ${a}, a = 2", "a=2|b=2")]
    [InlineData("a.b.c = 1, d = ${a.b.c}", "a:b:c=1|d=1")]
    [InlineData("a.\"b.c\" = 1, d = ${a.\"b.c\"}", "a:b.c=1|d=1")]
    [InlineData("a b = 1, c = ${ a b }", "a b=1|c=1")]
    [InlineData("animal = cat, key : ${animal} is my favorite animal", "animal=cat|key=cat is my favorite animal")]
    [InlineData("animal = cat, key : ${animal}\" is\"", "animal=cat|key=cat is")]
    [InlineData("a = x, b = ${a}${a} ${a}", "a=x|b=xx x")]
    [InlineData("a = null, b = ${a}", "a=<null>|b=<null>")]
    [InlineData("a = null, b = x${a}", "a=<null>|b=xnull")]
    [InlineData("a = 010, b = ${a}s", "a=010|b=010s")]
    [InlineData("a = [1, 2], b = ${a}", "a:0=1|a:1=2|b:0=1|b:1=2")]
    [InlineData("a = [1], b = ${a} ${a} [2]", "a:0=1|b:0=1|b:1=1|b:2=2")]
    [InlineData("a { x = 1 }, b = ${a}", "a:x=1|b:x=1")]
    [InlineData("a { x = 1 }, b = ${a} { y = 2 }", "a:x=1|b:x=1|b:y=2")]
    [InlineData("a { x = 1 }, b = ${a}, b { x = 2 }", "a:x=1|b:x=2")]
    [InlineData("a { x = 1 }, b = ${a} { r = ${a} }", "a:x=1|b:r:x=1|b:x=1")]
    [InlineData("b = [${a}, 2], a = 1", "a=1|b:0=1|b:1=2")]
    [InlineData("a { x { y = 1 } }, b = ${a.x}, a.x.y = 2", "a:x:y=2|b:y=2")]
    [InlineData("a { x = 1 }, a2 = ${a} { x = 2, y = 3 }, z = ${a2.x}${a2.y}", "a2:x=2|a2:y=3|a:x=1|z=23")]
    [InlineData("a = [1], b = ${a} { 0 : 2 }", "a:0=1|b:0=1|b:1=2")]
    // Undefined and optional
    [InlineData("a = ${?b}", "")]
    [InlineData("a = 1, a = ${?b}", "a=1")]
    [InlineData("a { x = 1 }, a = ${?b}, a { y = 2 }", "a:x=1|a:y=2")]
    [InlineData("a = [1, ${?b}, 2]", "a:0=1|a:1=2")]
    [InlineData("a = [${?b}]", "a=")]
    [InlineData("a = x${?b}y", "a=xy")]
    [InlineData("a = ${?b} y", "a= y")]
    [InlineData("a = ${?b} [1]", "a:0=1")]
    [InlineData("a = ${?b} { c = 1 }", "a:c=1")]
    [InlineData("a = ${?b}${?c}", "")]
    [InlineData("a = ${?b} ${?c}", "")]
    [InlineData("a = ${?b.c}, b = 1", "b=1")]
    [InlineData("a = ${does-not-exist}, a = 42", "a=42")]
    [InlineData("a = ${a}, a = 42", "a=42")]
    // Self-referential
    [InlineData("path = \"a:b:c\", path = ${path}\":d\"", "path=a:b:c:d")]
    [InlineData("path = [ /bin ], path = ${path} [ /usr/bin ]", "path:0=/bin|path:1=/usr/bin")]
    [InlineData("a = 1, a = ${a}", "a=1")]
    [InlineData("a = 1, a = ${a}2, a = ${a}3", "a=123")]
    [InlineData("a = 1, a = ${a}2, b = ${a}", "a=12|b=12")]
    [InlineData("foo { a = 1 }, foo = ${foo}", "foo:a=1")]
    [InlineData("foo = ${?foo}", "")]
    [InlineData("a = ${?a}foo", "a=foo")]
    [InlineData("bar { foo = 42, baz = ${bar.foo} }", "bar:baz=42|bar:foo=42")]
    [InlineData("bar { foo = 42, baz = ${bar.foo} }, bar { foo = 43 }", "bar:baz=43|bar:foo=43")]
    [InlineData("bar { a = ${foo.d}, b = 1 }, bar.b = 3, foo { c = ${bar.b}, d = 2 }, foo.d = 4", "bar:a=4|bar:b=3|foo:c=3|foo:d=4")]
    [InlineData("foo { a { c = 1 } }, foo = ${foo.a}, foo { a = 2 }", "foo:a=2|foo:c=1")]
    [InlineData("bar { x = a }, bar.x = ${bar.x}b, bar { x = ${bar.x}c }", "bar:x=abc")]
    [InlineData("base { x = a }, bar = ${base}, bar { x = ${bar.x}b }", "bar:x=ab|base:x=a")]
    [InlineData("a { x = 1, y = ${a.x} }, a = ${a} { x = 2 }", "a:x=2|a:y=2")]
    [InlineData("a = 1, b = 2, a = ${b}, b = ${a}", "a=1|b=1")]
    [InlineData("a { b = ${?a} }", "")]
    [InlineData("a { b = ${?a}, c = 1 }", "a:c=1")]
    // +=
    [InlineData("a += 1", "a:0=1")]
    [InlineData("a += 1, a += 2", "a:0=1|a:1=2")]
    [InlineData("a = [1], a += 2 3", "a:0=1|a:1=2 3")]
    [InlineData("a = [1], a += [2]", "a:0=1|a:1:0=2")]
    [InlineData("a.b += 1, a { b += 2, c = 3 }", "a:b:0=1|a:b:1=2|a:c=3")]
    [InlineData("a += { x = 1 }, a += ${b}, b = 2", "a:0:x=1|a:1=2|b=2")]
    [InlineData("a\n+=\n1", "a:0=1")]
    public void Substitution_is_replaced_as_the_specification_says(string text, string expected) =>
        Assert.Equal(expected.Length == 0 ? [] : expected.Split('|'), Given.Read(text));

    [Theory]
    [InlineData("x = 1\na = ${b}", 2, 5, "${b} is not set")]
    [InlineData("a = ${b.c}, b = 1", 1, 5, "is not set")]
    [InlineData("a = x ${b}", 1, 7, "is not set")]
    [InlineData("a = [${b}]", 1, 6, "is not set")]
    [InlineData("foo = ${foo}", 1, 7, "itself")]
    [InlineData("foo = ${foo}, foo { a = 1 }", 1, 7, "itself")]
    [InlineData("bar = ${foo}\nfoo = ${bar}", 2, 7, "itself")]
    [InlineData("a = ${b}\nb = ${c}\nc = ${a}", 3, 5, "itself")]
    [InlineData("a { b = ${a} }", 1, 9, "itself")]
    [InlineData("a = [${a}]", 1, 6, "itself")]
    [InlineData("a { b = ${c} }, c { d = ${a} }", 1, 25, "itself")]
    [InlineData("a = 1, a += 2", 1, 8, "joined")]
    [InlineData("a = x, b = [1], c = ${a} ${b}", 1, 21, "joined")]
    [InlineData("a { x = 1 }, c = ${a} y", 1, 18, "joined")]
    public void Substitution_that_leads_nowhere_is_refused_with_its_place(string text, int line, int column, string says)
    {
        var refused = Given.Refused(text);

        Assert.Equal(new HoconLocation(Given.Root, line, column), refused.At);
        Assert.Contains(says, refused.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a = ${NAME}", "a=value")]
    [InlineData("a = ${?NAME}", "a=value")]
    [InlineData("a = 1, a = ${?NAME}", "a=value")]
    [InlineData("a = x${NAME}", "a=xvalue")]
    [InlineData("a = 1, a = ${?NONE}", "a=1")]
    [InlineData("a = ${EMPTY}", "a=")]
    [InlineData("NAME = own, a = ${NAME}", "a=own|NAME=own")]
    [InlineData("NAME = null, a = ${NAME}", "a=<null>|NAME=<null>")]
    [InlineData("a = ${LIST[]}", "a:0=x|a:1=y")]
    [InlineData("a = [w] ${?LIST[]}", "a:0=w|a:1=x|a:2=y")]
    [InlineData("a = [w] ${?NONE[]}", "a:0=w")]
    [InlineData("NAME += 1", "NAME:0=1")]
    public void Environment_is_asked_last(string text, string expected)
    {
        var given = new Given().File(Given.Root, text).Variable("NAME", "value").Variable("EMPTY", "").Variable("LIST_0", "x").Variable("LIST_1", "y");

        Assert.Equal(expected.Split('|'), given.Read());
    }

    [Fact]
    public void Long_additions_are_read_and_endless_ones_are_refused()
    {
        static string Added(int count) => string.Join('\n', Enumerable.Range(0, count).Select(index => $"a += {index}"));

        Assert.Equal(200, Given.Read(Added(200)).Count);
        Assert.Contains("substitutions", Given.Refused(Added(5_000)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text", "a0 = xxxxxxxxxxxxxxxx", "{1} = ${{{0}}}${{{0}}}")]
    [InlineData("list", "a0 = [1, 2, 3, 4]", "{1} = ${{{0}}}${{{0}}}")]
    [InlineData("configuration", "a0 = [1, 2, 3, 4]", "{1} = [${{{0}}}, ${{{0}}}]")]
    [InlineData("configuration", "a0 = {}", "{1} = {{ x = ${{{0}}}, y = ${{{0}}} }}")]
    public void Values_that_double_and_double_are_refused(string says, string first, string step)
    {
        var lines = Enumerable.Range(0, 60).Select(index => string.Format(null, step, $"a{index}", $"a{index + 1}")).Reverse();

        Assert.Contains(says, Given.Refused($"{first}\n{string.Join('\n', lines)}").Message, StringComparison.Ordinal);
    }
}
