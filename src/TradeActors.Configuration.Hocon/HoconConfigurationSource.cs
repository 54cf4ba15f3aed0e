using Microsoft.Extensions.Configuration;

namespace TradeActors.Configuration.Hocon;

/// <summary>HOCON files as one source: merged in their order, then resolved as a whole.</summary>
public sealed class HoconConfigurationSource : IConfigurationSource
{
    public IList<HoconFile> Files { get; } = [];

    public IConfigurationProvider Build(IConfigurationBuilder builder) => new HoconConfigurationProvider(this);
}
