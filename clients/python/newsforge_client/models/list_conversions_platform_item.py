from enum import StrEnum


class ListConversionsPlatformItem(StrEnum):
    BLUESKY = "bluesky"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    KAKAO = "kakao"
    LINKEDIN = "linkedin"
    MASTODON = "mastodon"
    NAVER_BLOG = "naver_blog"
    THREADS = "threads"
    X = "x"
    YOUTUBE = "youtube"

    def __str__(self) -> str:
        return str(self.value)
