using System.Collections;

namespace Mnist.Core.Imaging;

/// <summary>
/// The images of one request in one block of memory; each <see cref="DigitImage"/> is created on access. A queued request is therefore a few objects, not
/// a few per image: the garbage collector copies young live objects, and a full queue consists of those.
/// </summary>
/// <param name="pixels">[N,28,28].</param>
internal sealed class DigitImages(ReadOnlyMemory<byte> pixels) : IReadOnlyList<DigitImage>
{
    public int Count => pixels.Length / DigitImage.PixelCount;

    public DigitImage this[int index] => new(pixels.Slice(index * DigitImage.PixelCount, DigitImage.PixelCount));

    public IEnumerator<DigitImage> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
