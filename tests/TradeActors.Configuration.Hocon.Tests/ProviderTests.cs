using Microsoft.Extensions.Configuration;
using Xunit;

namespace TradeActors.Configuration.Hocon.Tests;

/// <summary>The provider on real files.</summary>
public sealed class ProviderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tradeactors-hocon-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Files_become_configuration_that_binds()
    {
        var file = Write("main.conf", "include required(\"more.conf\")\nshop { name = corner, days = [mon, tue], open { from = 9 } }");
        Write("more.conf", "shop { name = other, floor = 2 }");

        var shop = new ConfigurationBuilder().AddHocon(new HoconFile(file)).Build().GetSection("Shop").Get<Shop>();

        Assert.Equal(("corner", 2, 9), (shop!.Name, shop.Floor, shop.Open!.From));
        Assert.Equal(["mon", "tue"], shop.Days);
    }

    [Fact]
    public void Provider_tells_where_a_value_is_written()
    {
        var file = Write("main.conf", "a = 1\nb { c = null }");
        var provider = Assert.IsType<HoconConfigurationProvider>(new ConfigurationBuilder().AddHocon(new HoconFile(file)).Build().Providers.Single());

        Assert.Equal(new HoconLocation(file, 2, 9), provider.Locate("B:C"));
        Assert.Null(provider.Locate("b"));
        Assert.Null(provider.Locate("d"));
    }

    [Fact]
    public void Missing_file_ends_the_build_unless_it_is_optional()
    {
        var file = Path.Combine(_folder.FullName, "none.conf");

        Assert.Throws<HoconException>(() => new ConfigurationBuilder().AddHocon(new HoconFile(file)).Build());
        Assert.Empty(new ConfigurationBuilder().AddHocon(new HoconFile(file, IsOptional: true)).Build().AsEnumerable());
    }

    [Fact]
    public void Folder_of_the_included_name_is_no_file()
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "more"));
        Write("more.conf", "a = 1");

        Assert.Equal("1", new ConfigurationBuilder().AddHocon(new HoconFile(Write("main.conf", "include \"more\""))).Build()["a"]);
    }

    [Fact]
    public void Assembly_knows_configuration_and_nothing_of_trading() => Assert.All(
        typeof(HoconException).Assembly.GetReferencedAssemblies(),
        reference => Assert.Matches(@"^System(\.|$)|^netstandard$|^Microsoft\.Extensions\.(Configuration|Primitives)", reference.Name!));

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    public sealed class Shop
    {
        public string? Name { get; set; }

        public int Floor { get; set; }

        public IList<string> Days { get; } = [];

        public Hours? Open { get; set; }
    }

    public sealed class Hours
    {
        public int From { get; set; }
    }
}
