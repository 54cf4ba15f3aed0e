using System.Text;
using System.Text.Json.Nodes;
using TradeActors.Abstractions.Stored;
using TradeActors.Domain.Accounts;
using Xunit;

namespace TradeActors.Entities.Tests;

public sealed class StoredTypesTests
{
    [Fact]
    public void Old_names_are_read_through_the_whole_chain_of_upcasters()
    {
        var types = new StoredTypes()
            .Add("account.close-reached.v3", EntityJson.Default.CloseReached)
            .Upcast("account.close-reached.v1", "account.close-reached.v2", old => new JsonObject { ["holder"] = old["who"]!.GetValue<string>() })
            .Upcast("account.close-reached.v2", "account.close-reached.v3", old => new JsonObject
            {
                ["owner"] = old["holder"]!.GetValue<string>(),
                ["symbol"] = "ESU2026", // The only contract there was at the time of version 2.
            });
        var expected = new CloseReached("s1", "ESU2026");
        Assert.Equal(expected, types.Decode("account.close-reached.v1", """{"who":"s1"}"""u8));
        Assert.Equal(expected, types.Decode("account.close-reached.v2", """{"holder":"s1"}"""u8));
        Assert.Equal(expected, types.Decode("account.close-reached.v3", """{"owner":"s1","symbol":"ESU2026"}"""u8));
        Assert.Equal("account.close-reached.v3", types.NameOf(expected));
    }

    [Fact]
    public void Unknown_name_says_which_one_and_what_to_do()
    {
        var fault = Assert.Throws<UnknownStoredTypeException>(() => new StoredTypes().AddEntities().Decode("account.closed.v9", "{}"u8));
        Assert.Contains("'account.closed.v9'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("newer version", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Name_or_type_registered_twice_is_refused()
    {
        var types = new StoredTypes().AddEntities();
        Assert.Throws<ArgumentException>(() => types.Add("account.halted.v1", EntityJson.Default.PlaceManualOrder));
        Assert.Throws<ArgumentException>(() => types.Add("account.halted.v2", EntityJson.Default.AccountHalted));
    }

    [Fact]
    public void Type_without_a_name_is_a_defect_that_says_so_and_can_still_be_shown()
    {
        var types = new StoredTypes().AddEntities();
        Assert.Contains("StringBuilder", Assert.Throws<InvalidOperationException>(() => types.Encode(new StringBuilder())).Message, StringComparison.Ordinal);
        Assert.Equal("StringBuilder", types.TryEncode(new StringBuilder()).Name);
    }
}
