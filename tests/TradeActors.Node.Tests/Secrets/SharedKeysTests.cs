using System.Xml.Linq;
using Microsoft.Extensions.DependencyInjection;
using TradeActors.Abstractions.Secrets;
using TradeActors.Node.Secrets;
using Xunit;

namespace TradeActors.Node.Tests.Secrets;

public sealed class SharedKeysTests
{
    private const string Key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    private const string Other = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";

    [Fact]
    public void Every_node_gives_a_key_the_same_id_and_that_never_changes()
    {
        var text = Box(Key).Seal("secret", "c");

        Assert.StartsWith("29a8262704998919.", text, StringComparison.Ordinal); // Stands in every store.
        Assert.Equal("secret", Box(Other, Key).Open(text, "c"));
    }

    [Fact]
    public void The_first_key_seals_and_all_open()
    {
        var old = Box(Key).Seal("old", "c");
        var rotated = Box(Other, Key);

        var text = rotated.Seal("new", "c");

        Assert.Equal(("old", "new"), (rotated.Open(old, "c"), Box(Other).Open(text, "c")));
        Assert.Contains("tradeactors:secrets-key", Assert.Throws<SecretUnreadableException>(() => Box(Key).Open(text, "c")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Key, true)]
    [InlineData("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZQ==", false)] // 31 bytes.
    [InlineData("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWZn", false)] // 33 bytes.
    [InlineData("not base64", false)]
    public void Only_32_bytes_are_a_key(string text, bool isKey) => Assert.Equal(isKey, SharedKeys.ProblemOf(text) is null);

    [Fact]
    public void Keys_of_the_key_ring_are_sealed_and_opened_by_whoever_has_the_key()
    {
        var plain = new XElement("masterKey", new XElement("value", "hush"));
        using var services = new ServiceCollection().AddSingleton<ISecretBox>(Box(Other, Key)).BuildServiceProvider();

        var stored = new KeyRingSealer(Box(Key)).Encrypt(plain);

        Assert.DoesNotContain("hush", stored.EncryptedElement.ToString(), StringComparison.Ordinal);
        Assert.Equal(typeof(KeyRingOpener), stored.DecryptorType);
        Assert.True(XNode.DeepEquals(plain, new KeyRingOpener(services).Decrypt(stored.EncryptedElement)));
    }

    [Fact]
    public void Opener_keeps_the_name_that_stands_in_stores() => Assert.Equal("TradeActors.Node.Secrets.KeyRingOpener", typeof(KeyRingOpener).FullName);

    private static SecretBox Box(params string[] keys) => new(new SharedKeys(keys));
}
