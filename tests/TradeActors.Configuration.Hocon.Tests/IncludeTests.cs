using System.Globalization;
using Xunit;

namespace TradeActors.Configuration.Hocon.Tests;

public sealed class IncludeTests
{
    [Theory]
    [InlineData("include \"other.conf\"", "x=10|y=10")]
    [InlineData("include\n\n  \"other.conf\"", "x=10|y=10")]
    [InlineData("include file(\"other.conf\")", "x=10|y=10")]
    [InlineData("include file(\n\"other.conf\" )", "x=10|y=10")]
    [InlineData("include required(\"other.conf\")", "x=10|y=10")]
    [InlineData("include required( file( \"other.conf\" ) )", "x=10|y=10")]
    [InlineData("include \"/conf/other.conf\"", "x=10|y=10")]
    [InlineData("include \"other.conf\", z = 1", "x=10|y=10|z=1")]
    [InlineData("{ include \"other.conf\" }", "x=10|y=10")]
    [InlineData("x = 1, include \"other.conf\"", "x=10|y=10")]
    [InlineData("include \"other.conf\"\nx = 1", "x=1|y=1")]
    [InlineData("a { include \"other.conf\" }", "a:x=10|a:y=10")]
    [InlineData("a { include \"other.conf\" }, a { x = 42 }", "a:x=42|a:y=42")]
    [InlineData("a.b { c { include \"other.conf\" } }", "a:b:c:x=10|a:b:c:y=10")]
    [InlineData("include \"none.conf\"", "")]
    [InlineData("include file(\"none.conf\"), a = 1", "a=1")]
    [InlineData("a { include \"root.conf\" }, root = here", "a:own=here|root=here")]
    [InlineData("a { include \"added.conf\" }", "a:list:0=1|a:list:1=2")]
    [InlineData("a { list = [0], include \"added.conf\" }, list = [9]", "a:list:0=0|a:list:1=1|a:list:2=2|list:0=9")]
    [InlineData("include \"sub/outer.conf\"", "from=inner|outer=1")]
    [InlineData("a { include \"sub/outer.conf\" }", "a:from=inner|a:outer=1")]
    [InlineData("include \"both\"", "x=conf|y=json")]
    [InlineData("include required(\"both\")", "x=conf|y=json")]
    public void File_is_included_relative_to_the_one_that_names_it(string text, string expected) =>
        Assert.Equal(expected.Length == 0 ? [] : expected.Split('|'), Files(text).Read());

    [Theory]
    [InlineData("x = 1\n include required(\"none.conf\")", Given.Root, 2, 2, "/conf/none.conf")]
    [InlineData("include required(file(\"none.conf\"))", Given.Root, 1, 1, "required")]
    [InlineData("include \"list.conf\"", "/conf/list.conf", 1, 1, "list")]
    [InlineData("include \"broken.conf\"", "/conf/broken.conf", 2, 3, "=, :, += or {")]
    [InlineData("include \"loop.conf\"", "/conf/loop.conf", 1, 1, "includes itself")]
    [InlineData("include \"main.conf\"", Given.Root, 1, 1, "includes itself")]
    [InlineData("include \"undefined.conf\"", "/conf/undefined.conf", 1, 5, "not set")]
    [InlineData("include url(\"http://x/y.conf\")", Given.Root, 1, 9, "not supported")]
    [InlineData("include classpath(\"y.conf\")", Given.Root, 1, 9, "not supported")]
    [InlineData("include required(classpath(\"y.conf\"))", Given.Root, 1, 18, "not supported")]
    [InlineData("include package(\"a\", \"y.conf\")", Given.Root, 1, 9, "not supported")]
    [InlineData("include \"http://x/y.conf\"", Given.Root, 1, 1, "address")]
    [InlineData("include other.conf", Given.Root, 1, 9, "quotes")]
    [InlineData("include = 1", Given.Root, 1, 9, "\"include\"")]
    [InlineData("include ${x}", Given.Root, 1, 9, "quotes")]
    [InlineData("include \"\"", Given.Root, 1, 1, "empty")]
    [InlineData("include file(\"other.conf\"", Given.Root, 1, 26, "')'")]
    [InlineData("include file(file(\"other.conf\"))", Given.Root, 1, 14, "quotes")]
    [InlineData("include \"other.conf\" \"more.conf\"", Given.Root, 1, 22, "comma")]
    [InlineData("a = [ { include \"other.conf\" } ]", Given.Root, 1, 9, "list")]
    public void Include_that_cannot_be_followed_is_refused_with_its_place(string text, string file, int line, int column, string says)
    {
        var refused = Files(text).Refused();

        Assert.Equal(new HoconLocation(file, line, column), refused.At);
        Assert.Contains(says, refused.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_include_others_again_and_again_are_refused()
    {
        var given = new Given().File(Given.Root, "include \"0.conf\"");
        for (var index = 0; index < 30; index++)
        {
            var next = (index + 1).ToString(CultureInfo.InvariantCulture);
            given.File($"/conf/{index}.conf", $"include \"{next}.conf\"\ninclude \"{next}.conf\"");
        }

        Assert.Contains("1000 files", given.Refused().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Later_file_overrides_and_substitutions_see_the_whole()
    {
        var given = new Given()
            .File("/conf/reference.conf", "a { host = localhost, port = 1, url = ${a.host}\":\"${a.port} }, list = [1]")
            .File("/conf/local.conf", "a.port = 2, list += 2, own = ${a.url}");

        Assert.Equal(
            ["a:host=localhost", "a:port=2", "a:url=localhost:2", "list:0=1", "list:1=2", "own=localhost:2"],
            given.Read(new HoconFile("/conf/reference.conf"), new HoconFile("/conf/local.conf")));
    }

    [Fact]
    public void Missing_file_is_an_empty_one_when_it_is_optional_and_refused_otherwise()
    {
        Assert.Empty(new Given().Read(new HoconFile("/conf/none.conf", IsOptional: true)));
        var refused = Assert.Throws<HoconException>(() => new Given().Read(new HoconFile("/conf/none.conf")));
        Assert.StartsWith("/conf/none.conf: There is no such file.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Setting_knows_where_it_is_assigned()
    {
        var settings = new Given().File("/conf/a.conf", "x = 1\ny { z = 2 }").File("/conf/b.conf", "include \"a.conf\"\n  w = ${x}\ny.z = [3,\n 4]")
            .Load(new HoconFile("/conf/b.conf"));

        Assert.Equal("/conf/a.conf:1:5", settings["x"].At.ToString());
        Assert.Equal("/conf/b.conf:2:7", settings["w"].At.ToString());
        Assert.Equal("/conf/b.conf:4:2", settings["y:z:1"].At.ToString());
    }

    private static Given Files(string text) => new Given().File(Given.Root, text)
        .File("/conf/other.conf", "x = 10, y = ${x}")
        .File("/conf/root.conf", "own = ${root}")
        .File("/conf/added.conf", "list += 1, list += 2")
        .File("/conf/sub/outer.conf", "outer = 1\ninclude \"inner.conf\"")
        .File("/conf/sub/inner.conf", "from = inner")
        .File("/conf/inner.conf", "from = wrong")
        .File("/conf/both.json", """{"x":"json","y":"json"}""")
        .File("/conf/both.conf", "x = conf")
        .File("/conf/list.conf", "[1]")
        .File("/conf/broken.conf", "a = 1\nb ")
        .File("/conf/loop.conf", "include \"loop.conf\"")
        .File("/conf/undefined.conf", "a = ${nothing}");
}
