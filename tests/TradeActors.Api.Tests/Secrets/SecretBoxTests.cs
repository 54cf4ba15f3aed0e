using System.Text.Json.Nodes;
using TradeActors.Abstractions.Journal;
using TradeActors.Abstractions.Secrets;
using TradeActors.Api.Tests.Support;
using TradeActors.Node.Secrets;
using Xunit;

namespace TradeActors.Api.Tests.Secrets;

public sealed class SecretBoxTests : IDisposable
{
    private readonly TempData _data = new();

    private string KeyFile => Path.Combine(_data.Path, "secrets.key");

    public void Dispose() => _data.Dispose();

    private SecretBox OfFile() => new(FileKeys.Open(_data.Path));

    [Fact]
    public void A_sealed_secret_is_opened_by_the_next_start_and_never_looks_the_same_twice()
    {
        var box = OfFile();
        Assert.False(File.Exists(KeyFile)); // Made with the first secret.
        var (first, second) = (box.Seal("whsec_ä", "a/b"), box.Seal("whsec_ä", "a/b"));
        Assert.NotEqual(first, second);
        Assert.Matches("^[a-z2-7]{8}[.][A-Za-z0-9_-]+$", first);
        Assert.Equal("whsec_ä", OfFile().Open(first, "a/b"));
        Assert.Equal("", box.Open(box.Seal("", "a/b"), "a/b"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        }
    }

    [Fact]
    public void It_opens_for_nothing_else_and_not_when_a_byte_was_changed()
    {
        var box = OfFile();
        var sealedText = box.Seal("secret", "acme/rec1/signing/s1");
        Assert.Throws<SecretUnreadableException>(() => box.Open(sealedText, "acme/rec2/signing/s1"));
        for (var i = 9; i < sealedText.Length - 1; i++) // The last character has bits that mean nothing.
        {
            var damaged = sealedText[..i] + (sealedText[i] == 'A' ? 'B' : 'A') + sealedText[(i + 1)..];
            Assert.Throws<SecretUnreadableException>(() => box.Open(damaged, "acme/rec1/signing/s1"));
        }

        Assert.Throws<SecretUnreadableException>(() => box.Open(sealedText[..12], "acme/rec1/signing/s1"));
        Assert.Throws<SecretUnreadableException>(() => box.Open("nothing", "acme/rec1/signing/s1"));
    }

    [Fact]
    public void Another_key_seals_what_is_new_and_the_old_one_still_opens()
    {
        var old = OfFile().Seal("old", "c");
        var keys = JsonNode.Parse(File.ReadAllText(KeyFile))!;
        keys["all"]!["second"] = Convert.ToBase64String(new byte[32]);
        keys["active"] = "second";
        File.WriteAllText(KeyFile, keys.ToJsonString());
        var box = OfFile();
        Assert.StartsWith("second.", box.Seal("new", "c"), StringComparison.Ordinal);
        Assert.Equal("old", box.Open(old, "c"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"active":"k1","all":{"k2":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}""")]
    [InlineData("""{"active":"k1","all":{"k1":"AAAA"}}""")]
    [InlineData("""{"active":"k1","all":{"k1":null}}""")]
    [InlineData("""{"active":"k.1","all":{"k.1":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}""")]
    public void A_damaged_key_file_is_told_at_the_start(string text)
    {
        File.WriteAllText(KeyFile, text);
        Assert.Contains("secrets.key", Assert.Throws<StoreOpenException>(() => FileKeys.Open(_data.Path)).Message, StringComparison.Ordinal);
    }
}
