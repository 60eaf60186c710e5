using Mnist.Inference.Model;

namespace Mnist.Tests.Inference;

internal sealed class AtomicFileTests
{
    [Test]
    public void Write_NewFile_CreatesIt([Values] bool overwrite)
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("new");
        AtomicFile.Write(path, [1, 2, 3], overwrite);

        Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(Directory.EnumerateFileSystemEntries(folder.Path), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void Write_ExistingFile_ReplacesItOnlyWithOverwrite()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("old", [9, 9, 9, 9]);
        Assert.That(() => AtomicFile.Write(path, [1], overwrite: false), Throws.InstanceOf<IOException>().With.Message.Contains($"'{path}'"));
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 9, 9, 9, 9 }));

        AtomicFile.Write(path, [1], overwrite: true);
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 1 }));
        Assert.That(Directory.EnumerateFileSystemEntries(folder.Path), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void Write_MissingFolder_NamesTheTarget()
    {
        using var folder = new TemporaryFolder();
        string path = folder.PathOf("missing/file");

        Assert.That(() => AtomicFile.Write(path, [1], overwrite: true), Throws.InstanceOf<IOException>().With.Message.Contains($"'{path}'"));
    }

    [Test]
    [Platform(Include = "Linux", Reason = "/sys is not writable even for root")]
    public void Write_ReadOnlyFolder_NamesTheTarget() =>
        Assert.That(() => AtomicFile.Write("/sys/file", [1], overwrite: true), Throws.Exception.With.Message.Contains("'/sys/file'"));
}
