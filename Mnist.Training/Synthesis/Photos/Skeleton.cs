namespace Mnist.Training.Synthesis.Photos;

/// <summary>Thins strokes to lines one pixel wide (Zhang and Suen, "A fast parallel algorithm for thinning digital patterns", 1984).</summary>
internal static class Skeleton
{
    /// <summary>The skeleton of a square mask [side, side].</summary>
    public static bool[] Of(bool[] mask, int side)
    {
        bool[] pixels = [.. mask];
        bool[] ring = new bool[8];
        List<int> removed = [];
        int unchanged = 0;
        for (int pass = 0; unchanged < 2; pass = 1 - pass)
        {
            removed.Clear();
            for (int i = 0; i < pixels.Length; i++)
            {
                if (pixels[i] && IsRemovable(pixels, side, i, pass, ring))
                {
                    removed.Add(i);
                }
            }

            removed.ForEach(i => pixels[i] = false);
            unchanged = removed.Count == 0 ? unchanged + 1 : 0;
        }

        return pixels;
    }

    private static bool IsRemovable(bool[] pixels, int side, int index, int pass, bool[] ring)
    {
        var (x, y) = (index % side, index / side);
        if (x == 0 || y == 0 || x == side - 1 || y == side - 1)
        {
            return false;
        }

        // Clockwise from the neighbour above: P2 to P9 in the paper.
        ReadOnlySpan<int> offsets = [-side, 1 - side, 1, side + 1, side, side - 1, -1, -side - 1];
        int neighbours = 0;
        int transitions = 0;
        for (int i = 0; i < ring.Length; i++)
        {
            ring[i] = pixels[index + offsets[i]];
        }

        for (int i = 0; i < ring.Length; i++)
        {
            neighbours += ring[i] ? 1 : 0;
            transitions += !ring[i] && ring[(i + 1) % ring.Length] ? 1 : 0;
        }

        return neighbours is >= 2 and <= 6 && transitions == 1 && (pass == 0
            ? !(ring[0] && ring[2] && ring[4]) && !(ring[2] && ring[4] && ring[6])
            : !(ring[0] && ring[2] && ring[6]) && !(ring[0] && ring[4] && ring[6]));
    }
}
