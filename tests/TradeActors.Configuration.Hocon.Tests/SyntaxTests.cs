using System.Text;
using Xunit;

namespace TradeActors.Configuration.Hocon.Tests;

/// <summary>The section "Syntax" of the specification, chapter by chapter: what a text means without substitutions.</summary>
public sealed class SyntaxTests
{
    [Theory]
    // Comments
    [InlineData("a = 1 // one", "a=1")]
    [InlineData("# all of it\na = 1 # one\n//b = 2", "a=1")]
    [InlineData("a = \"x // y # z\"", "a=x // y # z")]
    [InlineData("a = x//y", "a=x")]
    [InlineData("a = x#y", "a=x")]
    [InlineData("a = [ 1 # one\n // two\n 3 ]", "a:0=1|a:1=3")]
    [InlineData("a // key\n = // separator\n 1", "a=1")]
    // Omit root braces
    [InlineData("", "")]
    [InlineData(" \n # nothing\n", "")]
    [InlineData("{}", "")]
    [InlineData("{ a = 1 }", "a=1")]
    [InlineData("{ a = 1 } # end", "a=1")]
    [InlineData("\uFEFFa = 1", "a=1")]
    [InlineData("\uFEFF{ a = 1 }", "a=1")]
    // Key-value separator
    [InlineData("a = 1", "a=1")]
    [InlineData("a : 1", "a=1")]
    [InlineData("a:1", "a=1")]
    [InlineData("a { b = 1 }", "a:b=1")]
    [InlineData("a{b=1}", "a:b=1")]
    [InlineData("a = { b : 1 }", "a:b=1")]
    [InlineData("a\n=\n1", "a=1")]
    [InlineData("a\n{ b = 1 }", "a:b=1")]
    [InlineData("a : {\n}", "")]
    // Commas
    [InlineData("a = [1,2,3,]", "a:0=1|a:1=2|a:2=3")]
    [InlineData("a = [1\n2\n3]", "a:0=1|a:1=2|a:2=3")]
    [InlineData("a = [1\n,2\n,\n3\n,]", "a:0=1|a:1=2|a:2=3")]
    [InlineData("a = 1, b = 2,", "a=1|b=2")]
    [InlineData("{ a = 1\n b = 2\n}", "a=1|b=2")]
    [InlineData("a { b = 1, c = 2, }, d = 3", "a:b=1|a:c=2|d=3")]
    [InlineData("a = 1\r\nb = 2\r\n", "a=1|b=2")]
    // Whitespace
    [InlineData("\u00a0a\u2007=\u202f1\u2003", "a=1")]
    [InlineData("a\t=\v1\f", "a=1")]
    [InlineData("a\u001c=\u001d1\u001e\u001f", "a=1")]
    [InlineData("a = x\u2028y\u2029", "a=x\u2028y")]
    // Duplicate keys and object merging
    [InlineData("a = 1, a = 2", "a=2")]
    [InlineData("a { x = 1 }, a { y = 2 }", "a:x=1|a:y=2")]
    [InlineData("a { x = 1, y = 1 }, a { y = 2 }", "a:x=1|a:y=2")]
    [InlineData("a { x = 1 }, a = null, a { y = 2 }", "a:y=2")]
    [InlineData("a { x = 1 }, a = 42, a { y = 2 }", "a:y=2")]
    [InlineData("a { x = 1 }, a = [1]", "a:0=1")]
    [InlineData("a = [1, 2], a = [3]", "a:0=3")]
    [InlineData("a { b { c = 1 } }, a { b { d = 2 } }, a.b.e = 3", "a:b:c=1|a:b:d=2|a:b:e=3")]
    [InlineData("a = null", "a=<null>")]
    [InlineData("a = 1, a = null", "a=<null>")]
    // Unquoted strings
    [InlineData("a = text", "a=text")]
    [InlineData("a = true", "a=true")]
    [InlineData("a = truefoo", "a=truefoo")]
    [InlineData("a = nullfoo", "a=nullfoo")]
    [InlineData("a = 10.0bar", "a=10.0bar")]
    [InlineData("a = bar10.0", "a=bar10.0")]
    [InlineData("a = /usr/bin", "a=/usr/bin")]
    [InlineData("a = x/y(z);<w>|'v'~%_", "a=x/y(z);<w>|'v'~%_", true)]
    [InlineData("a = -5", "a=-5")]
    [InlineData("a = -foo", "a=-foo")]
    [InlineData("a = 1e5", "a=1e5")]
    [InlineData("a = 1.5e+7", "a=1.5e+7")]
    [InlineData("a = 1E-7", "a=1E-7")]
    [InlineData("a = 2026-11-21", "a=2026-11-21")]
    [InlineData("a = 10.0.0.1", "a=10.0.0.1")]
    [InlineData("a = 007", "a=007")]
    // Quoted strings
    [InlineData("a = \"\"", "a=")]
    [InlineData("""a = "\"\\\/\b\f\n\r\t\u00e9" """, "a=\"\\/\b\f\n\r\té")]
    [InlineData("""a = "${b}" """, "a=${b}")]
    [InlineData("a = \"{[:=,]}\"", "a={[:=,]}")]
    // Multi-line strings
    [InlineData("a = \"\"\"x\n \\n\"y\" \"\"\"", "a=x\n \\n\"y\" ")]
    [InlineData("a = \"\"\"foo\"\"\"\"", "a=foo\"")]
    [InlineData("a = \"\"\"\"foo\"\"\"\"\"", "a=\"foo\"\"")]
    [InlineData("a = \"\"\"\"\"\"", "a=")]
    [InlineData("a = \"\"\"${b}\"\"\"", "a=${b}")]
    // String value concatenation
    [InlineData("a =  foo bar baz ", "a=foo bar baz")]
    [InlineData("a = foo   bar", "a=foo   bar")]
    [InlineData("a = foo\"  bar\"", "a=foo  bar")]
    [InlineData("a = \"foo\" \"bar\"", "a=foo bar")]
    [InlineData("a = \"foo\"bar", "a=foobar")]
    [InlineData("a = null bar 42 baz true 3.14 hi", "a=null bar 42 baz true 3.14 hi")]
    [InlineData("a = 1 2 3", "a=1 2 3")]
    [InlineData("a = 10 seconds # of time", "a=10 seconds")]
    // Array and object concatenation
    [InlineData("a = [1, 2] [3, 4]", "a:0=1|a:1=2|a:2=3|a:3=4")]
    [InlineData("a = [1][2]", "a:0=1|a:1=2")]
    [InlineData("a = { b : 1 } { c : 2 }", "a:b=1|a:c=2")]
    [InlineData("a = { b : 1, c : 1 } { c : 2 }", "a:b=1|a:c=2")]
    [InlineData("a { b : 1 } {\n c : 2\n}", "a:b=1|a:c=2")]
    [InlineData("a = [ [ 1, 2 ] [ 3, 4 ] ]", "a:0:0=1|a:0:1=2|a:0:2=3|a:0:3=4")]
    [InlineData("a = [ [ 1, 2 ]\n [ 3, 4 ] ]", "a:0:0=1|a:0:1=2|a:1:0=3|a:1:1=4")]
    [InlineData("a = [ { b = 1 } { c = 2 }, { d = 3 } ]", "a:0:b=1|a:0:c=2|a:1:d=3")]
    // Arrays without commas or newlines
    [InlineData("a = [ 1 2 3 4 ]", "a:0=1 2 3 4")]
    [InlineData("a = [ 1\n 2\n 3\n 4 ]", "a:0=1|a:1=2|a:2=3|a:3=4")]
    [InlineData("a = []", "a=")]
    [InlineData("a = [\n]", "a=")]
    [InlineData("a = [[]]", "a:0=")]
    [InlineData("a = [null, \"\", x]", "a:0=<null>|a:1=|a:2=x")]
    // Numerically indexed objects where a list is wanted
    [InlineData("a = [x] { \"1\" : z, \"0\" : y, w : v }", "a:0=x|a:1=y|a:2=z")]
    [InlineData("a = { 5 : x, 2 : y } [z]", "a:0=y|a:1=x|a:2=z")]
    // Path expressions and paths as keys
    [InlineData("foo.bar : 42", "foo:bar=42")]
    [InlineData("foo.bar.baz : 42", "foo:bar:baz=42")]
    [InlineData("a.x : 42, a.y : 43", "a:x=42|a:y=43")]
    [InlineData("a b c : 42", "a b c=42")]
    [InlineData("foo.\"hello.world\" = 1", "foo:hello.world=1")]
    [InlineData("\"a.b\".c = 1", "a.b:c=1")]
    [InlineData("foo\"10.0\" = 1", "foo10.0=1")]
    [InlineData("foo10.0 = 1", "foo10:0=1")]
    [InlineData("10.0foo = 1", "10:0foo=1")]
    [InlineData("1.2.3 = x", "1:2:3=x")]
    [InlineData("a.\"\".b = 1", "a::b=1")]
    [InlineData("true : 42", "true=42")]
    [InlineData("3.14 : 42", "3:14=42")]
    [InlineData("\"\"\"a.b\"\"\" = 1", "a.b=1")]
    [InlineData("a.b { c.d = 1 }", "a:b:c:d=1")]
    [InlineData("a . b = 1", "a : b=1")]
    // The word include is only special at the start of a key
    [InlineData("foo include : 42", "foo include=42")]
    [InlineData("foo : include", "foo=include")]
    [InlineData("a = [ include ]", "a:0=include")]
    [InlineData("\"include\" : 42", "include=42")]
    [InlineData("includes = 1, include.x = 2, include-y = 3", "include-y=3|include:x=2|includes=1")]
    // JSON is HOCON
    [InlineData("""{"a":{"b":[1,2.5,-3e2,true,false,null,"x"]},"c":{}}""", "a:b:0=1|a:b:1=2.5|a:b:2=-3e2|a:b:3=true|a:b:4=false|a:b:5=<null>|a:b:6=x")]
    public void Text_is_read_as_the_specification_says(string text, string expected, bool isOneLine = false) =>
        Assert.Equal(isOneLine ? [expected] : expected.Length == 0 ? [] : expected.Split('|'), Given.Read(text));

    [Theory]
    [InlineData("a = 1 b = 2", 1, 9, "quotes")]
    [InlineData("{ a = 1", 1, 1, "not closed")]
    [InlineData("a = 1 }", 1, 7, "no open brace")]
    [InlineData("a = 1\n}", 2, 1, "no open brace")]
    [InlineData("{ a = 1 } b = 2", 1, 11, "has ended")]
    [InlineData("{ a = 1 }}", 1, 10, "has ended")]
    [InlineData("[1, 2]", 1, 1, "list")]
    [InlineData("a = [1,2,3,,]", 1, 12, "comma")]
    [InlineData("a = [,1,2,3]", 1, 6, "comma")]
    [InlineData("a = [1,,2,3]", 1, 8, "comma")]
    [InlineData("a = 1,, b = 2", 1, 7, "comma")]
    [InlineData(", a = 1", 1, 1, "comma")]
    [InlineData("a = 1,\n,", 2, 1, "comma")]
    [InlineData("a = [1, 2", 1, 5, "not closed")]
    [InlineData("a = [1 }", 1, 8, "comma")]
    [InlineData("a = { b = 1 ]", 1, 13, "comma")]
    [InlineData("a", 1, 2, "end of the file")]
    [InlineData("a b c", 1, 6, "=, :, += or {")]
    [InlineData("a = ", 1, 5, "value")]
    [InlineData("x = 1\na = \n", 3, 1, "value")]
    [InlineData("a = }", 1, 5, "value")]
    [InlineData("= 1", 1, 1, "key")]
    [InlineData("a = http://x", 1, 9, "':'")]
    [InlineData("a = x@y", 1, 6, "'@'")]
    [InlineData("a = 1+2", 1, 6, "'+'")]
    [InlineData("a = a\\b", 1, 6, "'\\'")]
    [InlineData("a = @", 1, 5, "quotes")]
    [InlineData("a = $b", 1, 5, "${path}")]
    [InlineData("a@b = 1", 1, 2, "'@'")]
    [InlineData("a = \"x", 1, 5, "quote")]
    [InlineData("a = \"x\ny\"", 1, 5, "three quotes")]
    [InlineData("a = \"x\ty\"", 1, 7, "\\u0009")]
    [InlineData("a = \"\\q\"", 1, 7, "backslash")]
    [InlineData("a = \"\\u00g0\"", 1, 10, "hex")]
    [InlineData("a = \"\\u0", 1, 9, "hex")]
    [InlineData("a = \"\"\"x\n\"\"", 1, 5, "three quotes")]
    [InlineData("a..b = 1", 1, 1, "dot")]
    [InlineData(".a = 1", 1, 1, "dot")]
    [InlineData("a. = 1", 1, 1, "dot")]
    [InlineData(". = 1", 1, 1, "dot")]
    [InlineData("a = ${}", 1, 7, "key")]
    [InlineData("a = ${b", 1, 8, "}")]
    [InlineData("a = ${b\n}", 1, 8, "end of the line")]
    [InlineData("a = ${b${c}}", 1, 8, "'$'")]
    [InlineData("a = ${ ?b}", 1, 8, "'?'")]
    [InlineData("a = ${b..c}", 1, 7, "dot")]
    [InlineData("${a} = 1", 1, 1, "'$'")]
    [InlineData("a = [1] x", 1, 9, "joined")]
    [InlineData("a = { b = 1 } [2]", 1, 5, "joined")]
    [InlineData("a = { b = 1 } \" \" { c = 2 }", 1, 5, "joined")]
    [InlineData("a = x { b = 1 }", 1, 5, "joined")]
    [InlineData("a = [ { b += 1 } ]", 1, 9, "list")]
    [InlineData("a = 1, A = 2", 1, 12, "upper and lower case")]
    public void Text_that_is_not_HOCON_is_refused_with_its_place(string text, int line, int column, string says)
    {
        var refused = Given.Refused(text);

        Assert.Equal(new HoconLocation(Given.Root, line, column), refused.At);
        Assert.Contains(says, refused.Problem, StringComparison.Ordinal);
        Assert.StartsWith($"{Given.Root}:{line}:{column}: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused_with_their_place()
    {
        var refused = new Given().File(Given.Root, [.. Encoding.UTF8.GetBytes("a = 1\nb = "), 0xC3, 0x28]).Refused();

        Assert.Equal(new HoconLocation(Given.Root, 2, 5), refused.At);
        Assert.Contains("UTF-8", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a = ", "{ b = ", "1", " }")]
    [InlineData("a = ", "[", "1", "]")]
    [InlineData("", "a.", "b = 1", "")]
    public void Depth_has_an_end(string before, string open, string core, string close)
    {
        string Nested(int levels) => before + string.Concat(Enumerable.Repeat(open, levels)) + core + string.Concat(Enumerable.Repeat(close, levels));

        Assert.NotEmpty(Given.Read(Nested(90)));
        Assert.Contains("levels", Given.Refused(Nested(101)).Message, StringComparison.Ordinal);
        Assert.Contains("levels", Given.Refused(Nested(50_000)).Message, StringComparison.Ordinal);
    }
}
