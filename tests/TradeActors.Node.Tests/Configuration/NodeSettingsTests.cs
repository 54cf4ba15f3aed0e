using Microsoft.Extensions.Configuration;
using TradeActors.Configuration.Hocon;
using TradeActors.Node.Configuration;
using Xunit;

namespace TradeActors.Node.Tests.Configuration;

[Collection(SettingsFolder.Collection)]
public sealed class NodeSettingsTests : IDisposable
{
    private readonly SettingsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_anything_set_the_defaults_hold()
    {
        var settings = _folder.Read();

        Assert.Equal((128, 1, "simulated", 20, 90), (settings.ShardCount, settings.Loops, settings.Feed, settings.QuotesPerSecond, settings.KeepRawDays));
        Assert.Equal((true, false, false), (settings.Demo, settings.SessionHours, settings.JsonLog));
        Assert.Equal((Path.GetFullPath("data"), Environment.MachineName.ToLowerInvariant()), (settings.DataDirectory, settings.NodeName));
    }

    [Fact]
    public void Command_line_wins_over_environment_and_environment_over_the_file()
    {
        _folder.With("tradeactors { shards = 2, loops = 2, keep-raw-days = 2, market.quotes-per-second = 2 }")
            .Variable("TRADEACTORS__LOOPS", "3").Variable("TRADEACTORS__KEEP_RAW_DAYS", "3");

        var settings = _folder.Read("--tradeactors:keep-raw-days", "4");

        Assert.Equal((2, 3, 4, 2), (settings.ShardCount, settings.Loops, settings.KeepRawDays, settings.QuotesPerSecond));
    }

    [Theory]
    [InlineData("TradeActors.Market.Session_Hours = true", null, null)]
    [InlineData("tradeactors.market.session_hours = true", null, null)]
    [InlineData("tradeactors.market { session-hours = true }", null, null)]
    [InlineData("", "TRADEACTORS__MARKET__SESSION_HOURS", null)]
    [InlineData("", "tradeactors__market__session-hours", null)]
    [InlineData("", null, "--TradeActors:Market:Session_Hours=true")]
    public void Spelling_is_the_same_step_for_every_source(string file, string? variable, string? argument)
    {
        _folder.With(file);
        if (variable is not null)
        {
            _folder.Variable(variable, "true");
        }

        Assert.True(_folder.Read(argument is null ? [] : [argument]).SessionHours);
    }

    [Fact]
    public void What_is_outside_tradeactors_gives_way_to_environment_and_command_line_too()
    {
        _folder.With("ConnectionStrings { Postgres = file, RabbitMq = file, Other = file }").Variable("ConnectionStrings__RabbitMq", "environment");

        using var configuration = _folder.Configuration("--ConnectionStrings:Other", "line");

        var section = configuration.GetSection("ConnectionStrings");
        Assert.Equal(("file", "environment", "line"), (section["Postgres"], section["RabbitMq"], section["Other"]));
    }

    [Fact]
    public void Empty_text_and_null_leave_the_default()
    {
        _folder.With("tradeactors { public-address = ${?NOTHING}, node-name = \"\", shards = null }").Variable("TRADEACTORS__LOOPS", "");

        var settings = _folder.Read();

        Assert.Equal(
            (Environment.MachineName.ToLowerInvariant(), 128, 1), (settings.NodeName, settings.ShardCount, settings.Loops));
    }

    [Fact]
    public void Key_that_files_spell_in_two_ways_is_refused_with_both_places()
    {
        var said = _folder.With("tradeactors {\n keep-raw-days = 1\n keep_raw_days = 2\n}").Refused();

        Assert.Contains("tradeactors:keep-raw-days is spelt in two ways", said, StringComparison.Ordinal);
        Assert.Contains($"{_folder.File}:2:18", said, StringComparison.Ordinal);
        Assert.Contains($"{_folder.File}:3:18", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shards = 0", "tradeactors:shards = '0'", "from 1 to 4096")]
    [InlineData("shards = many", "'many'", "whole number")]
    [InlineData("loops = 1.5", "'1.5'", "whole number")]
    [InlineData("demo = yes", "tradeactors:demo = 'yes'", "true or false")]
    [InlineData("storage = papyrus", "tradeactors:storage = 'papyrus'", "is not known. Use sqlite or postgres")]
    [InlineData("cluster-name = \"two words\"", "tradeactors:cluster-name = 'two words'", "letters, digits, dots and dashes")]
    [InlineData("secrets-key = c2hvcnQ", "tradeactors:secrets-key (", "openssl rand -base64 32")]
    [InlineData("market.feed = bybit", "tradeactors:market:feed = 'bybit'", "is not built yet")]
    [InlineData("registration = perhaps", "tradeactors:registration = 'perhaps'", "open or approval or closed")]
    [InlineData("log = xml", "tradeactors:log = 'xml'", "text or json")]
    [InlineData("node-name = \"two words\"", "tradeactors:node-name = 'two words'", "without blanks")]
    [InlineData("public-address = \"desk.example\"", "tradeactors:public-address", "https://desk.example:8443")]
    [InlineData("public-address = \"ftp://desk.example\"", "tradeactors:public-address", "https://desk.example:8443")]
    [InlineData("config = other.conf", "tradeactors:config", "cannot stand in a file")]
    public void Value_that_cannot_be_used_is_refused_with_its_place_and_remedy(string line, string names, string remedy)
    {
        // On the command line the test itself names a file: it must not hide the file's own.
        var settings = _folder.With($"tradeactors {{\n  {line}\n}}");

        var said = line.StartsWith("config", StringComparison.Ordinal) ? RefusedWithoutNaming(settings) : settings.Refused();

        Assert.Contains(names, said, StringComparison.Ordinal);
        Assert.Contains(remedy, said, StringComparison.Ordinal);
        Assert.Contains($"({_folder.File}:2:", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Address_that_may_hold_a_password_is_not_repeated() =>
        Assert.DoesNotContain("secret", _folder.With("tradeactors.public-address = \"https://me:secret@desk.example\"").Refused(), StringComparison.Ordinal);

    [Theory]
    [InlineData("shard", "tradeactors:shards")]
    [InlineData("market:fed", "tradeactors:market:feed")]
    [InlineData("quotes-per-second", "tradeactors:market:quotes-per-second")]
    [InlineData("data-dir", "tradeactors:data-directory")]
    [InlineData("storage:path", "tradeactors:storage")]
    public void Unknown_key_is_refused_wherever_it_stands_and_the_nearest_one_suggested(string key, string nearest)
    {
        var variable = $"TRADEACTORS__{key.ToUpperInvariant().Replace(":", "__", StringComparison.Ordinal).Replace('-', '_')}";

        Says(_folder.Refused($"--tradeactors:{key}", "1"), "(command line)");
        Says(_folder.With($"tradeactors.{key.Replace(':', '.')} = null").Refused(), $"({_folder.File}:1:");
        Says(_folder.With("").Variable(variable, "1").Refused(), $"(environment variable {variable})");

        void Says(string said, string origin)
        {
            Assert.Contains($"tradeactors:{key} {origin}", said, StringComparison.Ordinal);
            Assert.Contains($"The nearest known one is {nearest};", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Group_that_is_given_a_value_is_refused_with_its_keys()
    {
        var said = _folder.With("tradeactors.market = manual").Refused();

        Assert.Contains("It is a group: set tradeactors:market:feed or", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        _folder.With("tradeactors {\n  shards = 0\n  typo = 1\n}").Variable("TRADEACTORS__LOOPS", "none");

        var said = _folder.Refused("--tradeactors:demo", "perhaps");

        Assert.StartsWith("4 settings cannot be used:", said, StringComparison.Ordinal);
        Assert.Contains($"tradeactors:shards = '0' ({_folder.File}:2:12) must be", said, StringComparison.Ordinal);
        Assert.Contains($"tradeactors:typo ({_folder.File}:3:10) is not known", said, StringComparison.Ordinal);
        Assert.Contains("tradeactors:loops = 'none' (environment variable TRADEACTORS__LOOPS) must be", said, StringComparison.Ordinal);
        Assert.Contains("tradeactors:demo = 'perhaps' (command line) must be", said, StringComparison.Ordinal);
    }

    [Fact]
    public void File_can_be_named_in_the_environment_and_must_be_there()
    {
        var (file, missing) = (_folder.With("tradeactors.shards = 7").File, Path.Combine(Path.GetTempPath(), "no-such.conf"));
        using var bare = new SettingsFolder();

        Assert.Equal(7, bare.Variable("TRADEACTORS__CONFIG", file).Read().ShardCount);
        Assert.Equal(7, bare.Read("--tradeactors:config", file).ShardCount);
        var refused = Assert.Throws<HoconException>(() => bare.Read("--config", missing));
        Assert.Equal(missing, refused.At.File);
    }

    // As when the file were local.conf: the test's own --config would win over the key in the file.
    private static string RefusedWithoutNaming(SettingsFolder settings)
    {
        using var configuration = new ConfigurationManager();
        var file = new ConfigurationBuilder().AddHocon(new HoconFile(settings.File)).Build();
        ((IConfigurationBuilder)configuration).Add(NodeConfiguration.SettingsOf(file, reference: ""));
        return Assert.Throws<SettingException>(() => NodeSettings.Read(configuration)).Message;
    }
}
