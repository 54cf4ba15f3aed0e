using System.Net;
using TradeActors.Domain.Recorders;
using Xunit;

namespace TradeActors.Domain.Tests.Recorders;

public sealed class AddressListTests
{
    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7", true)] // As a socket for both families shows it.
    [InlineData("203.0.113.0/24", "203.0.113.255", true)]
    [InlineData("203.0.113.0/24", "203.0.114.0", false)]
    [InlineData("203.0.113.128/25", "::ffff:203.0.113.127", false)]
    [InlineData("0.0.0.0/0", "8.8.8.8", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("203.0.113.7/32", "203.0.113.7", true)]
    [InlineData("2001:db8::1", "2001:db8:0:0::1", true)]
    [InlineData("2001:db8::/33", "2001:db8:7fff::1", true)]
    [InlineData("2001:db8::/33", "2001:db8:8000::1", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "8.8.8.8", false)]
    [InlineData("tradingview", "52.89.214.238", true)]
    [InlineData("TradingView", "::ffff:52.32.178.7", true)]
    [InlineData("tradingview", "52.89.214.239", false)]
    public void An_address_is_in_an_entry_or_not(string entry, string client, bool isAllowed)
    {
        Assert.Null(AddressList.Trouble(entry));
        Assert.Equal(isAllowed, AddressList.Parse([entry]).Allows(IPAddress.Parse(client)));
        Assert.Equal(isAllowed, AddressList.Parse(["192.0.2.1", entry]).Allows(IPAddress.Parse(client)));
    }

    [Fact]
    public void A_connection_without_an_address_is_not_allowed() => Assert.False(AddressList.Parse(["0.0.0.0/0", "::/0"]).Allows(null));

    [Theory]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData("1")]
    [InlineData("010.0.0.1")]
    [InlineData("10.1")]
    [InlineData("0x7f000001")]
    [InlineData(" 10.0.0.1")]
    [InlineData("10.0.0.1:80")]
    [InlineData("[2001:db8::1]")]
    [InlineData("fe80::1%eth0")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("2001:db8::/129")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:10.0.0.0/104")]
    public void What_is_no_address_is_refused(string entry)
    {
        Assert.NotNull(AddressList.Trouble(entry));
        Assert.Throws<FormatException>(() => AddressList.Parse([entry]));
    }

    [Theory]
    [InlineData("10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("203.0.113.130/25", "203.0.113.128/25")]
    [InlineData("2001:db8:1::1/32", "2001:db8::/32")]
    public void A_range_that_begins_in_its_middle_is_corrected(string entry, string right)
    {
        Assert.Contains(right, AddressList.Trouble(entry), StringComparison.Ordinal);
        Assert.Null(AddressList.Trouble(right));
    }
}
