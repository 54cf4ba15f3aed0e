using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TradeActors.Domain.Recorders;

/// <summary>From which addresses a recorder takes webhooks: single addresses, ranges (CIDR, RFC 4632), and senders that publish theirs.</summary>
public sealed class AddressList
{
    /// <summary>Stands for the addresses that TradingView sends alerts from.</summary>
    public const string TradingView = "tradingview";

    // TradingView help centre, "About webhooks", as in field/signals.md.
    private static readonly ImmutableArray<string> TradingViewAddresses = ["52.89.214.238", "34.212.75.30", "54.218.53.128", "52.32.178.7"];

    private readonly ImmutableArray<IPNetwork> _ranges;

    private AddressList(ImmutableArray<IPNetwork> ranges) => _ranges = ranges;

    /// <exception cref="FormatException">An entry is none; <see cref="Trouble"/> says why.</exception>
    public static AddressList Parse(ImmutableArray<string> entries) => new([.. entries.SelectMany(Ranges)]);

    /// <summary>What is wrong with an entry; null when it can be used.</summary>
    public static string? Trouble(string? entry)
    {
        if (entry is null || IsPreset(entry))
        {
            return entry is null ? "Must be an address." : null;
        }

        var slash = entry.IndexOf('/', StringComparison.Ordinal);
        if (ParseAddress(slash < 0 ? entry : entry[..slash]) is not { } address)
        {
            return $"'{entry}' is no address. Write 203.0.113.7, 203.0.113.0/24, 2001:db8::/32 or {TradingView}.";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return $"'{entry}' is an IPv4 address written as IPv6. Write it as IPv4; it counts for both.";
        }

        var most = BitsOf(address);
        return slash < 0 ? null
            : !int.TryParse(entry[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var bits) || bits > most
                ? $"'{entry}' must have 0 to {most} bits behind the slash."
                : First(address, bits).Equals(address) ? null
                    : $"'{entry}' is not the first address of its range. Write {First(address, bits)}/{bits}.";
    }

    /// <param name="client">Null, for a connection without an address, is never allowed.</param>
    public bool Allows(IPAddress? client)
    {
        var address = client is { IsIPv4MappedToIPv6: true } ? client.MapToIPv4() : client;
        return address is not null && _ranges.Any(range => range.Contains(address));
    }

    private static IEnumerable<IPNetwork> Ranges(string entry)
    {
        if (Trouble(entry) is { } trouble)
        {
            throw new FormatException(trouble);
        }

        if (IsPreset(entry))
        {
            return TradingViewAddresses.SelectMany(Ranges);
        }

        return [entry.Contains('/', StringComparison.Ordinal) ? IPNetwork.Parse(entry) : new IPNetwork(IPAddress.Parse(entry), BitsOf(IPAddress.Parse(entry)))];
    }

    private static bool IsPreset(string entry) => entry.Equals(TradingView, StringComparison.OrdinalIgnoreCase);

    // The framework reads 1 as 0.0.0.1 and 010.0.0.1 as octal: only the usual spelling is taken.
    private static IPAddress? ParseAddress(string text) =>
        IPAddress.TryParse(text, out var address) && !text.Contains('%', StringComparison.Ordinal) && !text.Contains('[', StringComparison.Ordinal)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text) ? address : null;

    private static int BitsOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;

    private static IPAddress First(IPAddress address, int bits)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(bits - (8 * i), 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - kept));
        }

        return new IPAddress(bytes);
    }
}
