"""Which single lines are the publisher speaking of itself rather than telling the news. Rules, not publishers' names.

Each rule says what kind of line it knows; sentences of the news that merely mention copyright, tips or subscriptions
stay. Lines are in NFC and single-spaced.
"""

from __future__ import annotations

import re
from typing import Final

from conversions.pipeline.extract.lines import ends_sentence, vocabulary

_BULLET = r"[\s■□▶▷►▸☞☎◆◇●○※★☆◎▣•·*>→\-–—👉✔📢\[(<【〈《「'\"“‘]*"
_MAIL = r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"
_PHONE = r"\d{2,4}\s?[-.)]\s?\d{3,4}\s?[-.]\s?\d{4}|1[568]\d{2}-\d{4}"

# Copyright: "무단전재 및 재배포 금지", "Copyright ⓒ …", "저작권자(c) …", "All rights reserved".
_COPYRIGHT_MARK = re.compile(r"ⓒ|©|\bcopyrights?\b|저작권자\s*[ⓒ©(<:]|\(c\)\s?\d{4}", re.IGNORECASE)
_NO_REPRINT = re.compile(
    r"무단\s*[-·및/]?\s*(?:전재|복제|배포|도용|사용|이용|수집|캡[처쳐])|재배포\s*(?:[·및, ]*AI.{0,20})?(?:를\s*)?금|"
    r"AI\s*학습\s*(?:및|·|/|,)?\s*(?:활용|이용)?\s*(?:을\s*)?금|all rights? reserved|rechte vorbehalten|"
    r"無断転載|无断转载|未经授权.{0,12}转载|tous droits réservés|todos los derechos reservados",
    re.IGNORECASE,
)
_OWN_CONTENT = re.compile(
    r"(?:본|이)\s*(?:기사|콘텐츠|저작물|인터뷰|자료)|저작권은 .{1,40}(?:에|에게) 있|^" + _BULLET + "무단"
)
_CITE_US = re.compile(
    r"(?:인용\s*(?:보도)?\s*(?:시|할 때)|출처를?|프로그램명을?|채널명).{0,40}(?:밝혀|명기|명시|표기|기재)(?:해|"
    r"하여)?\s*(?:주|바랍|하)"
    r"|전문\s*게재나.{0,20}인용|저작권은 .{1,40}(?:에|에게) 있(?:습니다|음)"
)

# Tip lines: "제보하기", "제보는 카카오톡 …", "당신의 제보가 뉴스가 됩니다", and the channels listed under them.
_TIP = re.compile(r"제보")
_TIP_PROMPT = re.compile(
    r"제보\s*(?:하기|하세요|바로|전화|메일|이메일|처|창구|접수|번호|는\s*(?:카|전|이|여|02|1)|[:：(\[]|$)|"
    r"제보.{0,20}(?:뉴스가\s*됩니다|기다립니다|부탁드|부탁합|받습니다|주시면|해\s*주세요|주세요|해\s*주십시오)"
)
_CHANNEL = re.compile(
    _BULLET
    + r"(?:카카오톡|카톡|카카오|전화|휴대전화|팩스|이메일|e-?mail|메일|문자|텔레그램|라인|유튜브|네이버\s?\S{0,4}|"
    r"페이스북|인스타그램|트위터|엑스|틱톡|(?:뉴스)?\s?홈페이지|웹사이트|앱|☎)(?:\s?제보)?\s*[\])】〉>]?\s*[:：@=|]?.{0,80}$",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    rf"{_MAIL}|{_PHONE}|https?://|www\.|검색|채널|친구|추가|구독|아이디|\bID\b|#\d{{3,4}}|[:：@]", re.IGNORECASE
)

# Prompts: subscribe, share, follow, install, "바로가기".
_PROMPT = re.compile(
    r"구독|팔로우|좋아요|알림\s*(?:설정|신청|받)|(?:채널|친구|이웃)\s*추가|공유하기|스크랩|바로\s?가기|앱\s*(?:다운|설치)|뉴스레터|"
    r"응원하기|관련\s?기사|추천\s?기사|놓치지 마세요|만나\s?보세요"
)
_IMPERATIVE = re.compile(
    r"(?:하기|하세요|해\s?주세요|주세요|보세요|마세요|하십시오|바로\s?가기|클릭|추가|설정|신청|구독|설치|좋아요)[\s!~.☞>→▶)\]'\"’”♥❤]*$"
)
_RELATED = re.compile(r"\W*(?:관련|추천|인기|연관)\s?(?:기사|뉴스|영상|보도)\s?[:：>]")
_PROMPT_BULLET = re.compile(r"\s*[▶▷►☞👉※](?!\s?[가-힣 ]{2,12}[:：])")
"""A bullet publishers put before a prompt, unless it opens an interview's question or answer."""
_MORE = re.compile(
    r"(?:기사\s?(?:모음|더\s?보기|전체\s?보기|목록)|전체\s?보기|더\s?보기|다른\s?기사(?:\s?보기)?|기자\s?(?:페이지|정보|구독|홈)|댓글\s?\d*|"
    r"(?:본문|메뉴|목록)\s?(?:영역|바로가기)|(?:이전|다음)\s?기사)\s*[>▶→+]?$"
)

# Credits: photographs, staff, bylines with a mail address, time stamps, the end mark.
_PHOTO = re.compile(
    r"^[\[(<〈【▲△▼■◇\s/]*(?:사진|그래픽|영상|이미지|일러스트|자료|표|출처|photo|image|picture|credit|foto|bild|写真|図)"
    r"(?:\s?(?:출처|제공|자료|설명|by|credit))?\s?[=:：/|]\s?.{1,60}$|"
    r"^[/(\[<〈]\s?[\w·=,.@/ -]{1,30}(?:뉴스|뉴시스|통신|일보|신문|연합|제공|캡처|캡쳐|로이터|이미지\S*|photo|"
    r"AP|AFP|DB)\s?[)\]>〉]?$|"
    r"(?:위|해당)?\s?사진은 (?:기사|본문)(?:의)? 내용과|^기사 이해를 돕기 위한|^(?:자료|참고)\s?사진[.)]?$",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"^[▲△▼].{1,300}[\[(/<|ⓒ©=]\s?(?:사진|출처|제공|연합|뉴시스|뉴스1|AP|AFP|로이터|자료).{0,30}$")
_STAFF = re.compile(
    r"^[(\[<]?\s?(?:영상|촬영|그래픽|디자인|구성|취재|편집|기획|사진|글|삽화|자막|CG|VJ|AD|PD|연출|작가|제작|내레이션|화면|드론|리서처?)"
    r"[가-힣·,/& ]{0,14}\s?[:：=|]\s?\S.{0,100}$"
)
_NAME_AND_MAIL = re.compile(rf"^\W*(?:[\w·,=/():| -]{{0,40}}\W)?{_MAIL}\W*(?:기자|다른기사.{{0,10}})?\W*$")
_BYLINE = re.compile(
    r"^\W*(?:[\w·/=|]{1,20}\s){0,3}[가-힣]{2,4}\s?(?:[가-힣]{0,4}기자|특파원|통신원|칼럼니스트|논설위원|에디터|앵커|PD)\s?[=.]?\W*$"
)
_STAMP_WORDS = re.compile(
    r"기사|최초|최종|입력|수정|등록|승인|송고|발행|발송|게재|게시|작성|출고|업데이트|업로드|일시|시간|시각|일자|날짜|지면|오전|오후|"
    r"[월화수목금토일]요일|[년월일시분초]|published|updated|posted|created|modified|first|last|at|on|jan\w*|feb\w*|mar\w*|"
    r"apr\w*|may|june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*|[ap]\.?m\.?|(?:mon|tues|wednes|thurs|fri|satur|sun)day|"
    r"est|edt|gmt|utc|kst|uhr|um|stand|veröffentlicht|aktualisiert|更新|公開|発行|[年月日時分]",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"\d{1,2}\s?[:시]\s?\d{2}|입력|수정|등록|승인|송고|발행|게재|작성|publish|updat|posted|更新", re.IGNORECASE
)
_YEAR = re.compile(r"(?:19|20)\d{2}|[’']\d{2}\.")
_END_MARK = re.compile(r"\s*(?:[(<\[【〈]\s?끝\s?[)>\]】〉]|^끝\.?)\s*$")
_RULE = re.compile(r"^[\W_]*$")

_ENGLISH: Final = re.compile(
    r"^\W*(?:sign up|subscribe (?:to|now|today|here)|follow us|follow .{2,60} on (?:x|twitter|facebook|"
    r"instagram|google|"
    r"whatsapp|telegram|threads|bluesky|linkedin|youtube)\b|join (?:us on|our|the conversation|the discussion)|"
    r"get (?:our|the latest|more|all the).{0,120}(?:newsletter|inbox|app\b|alerts|updates)|"
    r"for (?:the latest|more) .{0,120}(?:sign up|subscribe|follow|click|newsletter)|click here|download (?:our|"
    r"the .{0,30}app)|"
    r"enter your email|never miss|stay (?:up to date|informed|tuned)|please bookmark|our website is the place|"
    r"(?:do you )?(?:have|got) a (?:story|tip|news tip)\b.{0,40}\?|like this (?:story|article)|"
    r"if you (?:like|liked|enjoy|enjoyed) (?:this|the (?:content|article|story))|share this|"
    r"(?:read (?:more|also|next)|also read|see also|related(?: (?:article|stor|content|video|reading)\w*)?|"
    r"watch(?: (?:now|live|more|video))?|listen)\s?:|read more\b.{0,60}$|"
    r"more (?:on this (?:story|topic)|like this|stories|from (?:our|the|this)\b.{0,30})$|most (?:read|"
    r"popular)\b.{0,20}$|recommended\b.{0,30}$|"
    r"you may also like|what to read next|advertisement\b.{0,60}$|(?:story|article) continues|article content$|"
    r"continue reading|skip (?:to|past)\b.{0,40}$|e-?mail\s?:|contact the (?:author|reporter|writer)|"
    r"updated? (?:at|on)\b.{0,40}$|this (?:article|story) (?:was )?(?:first|originally) (?:published|appeared)|"
    r"our standards:|"
    r"(?:additional )?reporting by|(?:writing|editing) by|.{2,200}\bcontributed (?:reporting\b.{0,60}|to this "
    r"(?:report|story|article)\W*)$|"
    r"reviews and recommendations are|.{0,120}\bmay (?:earn|receive) (?:an? )?(?:affiliate |small )?commission|"
    r"lesen sie (?:auch|mehr)|mehr zum thema|à lire aussi|lire aussi|passer la publicité|lea también|te puede "
    r"interesar|"
    r"leggi anche|les også|läs också|lees ook|czytaj (?:też|także)|あわせて読みたい|関連記事|"
    r"カテゴリーをフォロー|おすすめ情報|"
    r"分享让更多人看到|责任编辑|延伸阅读)",
    re.IGNORECASE,
)
_ENGLISH_LIMIT: Final = 220
"""A prompt is short; a longer line that opens like one is a paragraph of the article."""

_WIDGETS: Final = frozenset(
    vocabulary(
        "가 가+ 가- 닫기 공유 댓글 인쇄 스크랩 목록 글자크기 글자크기조절 폰트 북마크 페이스북 트위터 카카오톡 "
        "카카오스토리 네이버블로그 "
        "url복사 링크복사 본문듣기 기사듣기 음성듣기 좋아요 싫어요 슬퍼요 화나요 후속기사원해요 추천 구독 "
        "로그인 회원가입 검색 메뉴 홈 top "
        "기사본문영역 상세페이지 기자정보 관련기사 이미지확대 사진확대 크게보기 확대이미지보기 share tweet "
        "print email comments comment "
        "정치 경제 사회 국제 문화 스포츠 연예 생활 과학 전국 지역 세계 "
        "advertisement ad menu login signin subscribe close facebook twitter whatsapp linkedin copylink save "
        "listen 评论 关注 分享"
    )
)


def is_notice(line: str) -> bool:
    """Return whether a line, wherever it stands, is a notice, prompt, credit or piece of the page's furniture."""
    return (
        bool(_RULE.match(line))
        or _is_widget(line)
        or _is_copyright(line)
        or _is_tip(line)
        or _is_korean_prompt(line)
        or _is_english_prompt(line)
        or _is_credit(line)
        or _is_stamp(line)
    )


def is_channel(line: str) -> bool:
    """Return whether a line names a way to reach the newsroom; only next to a tip line is it a notice."""
    return bool(len(line) <= 100 and _CHANNEL.match(line) and _CONTACT.search(line))


def is_staff_credit(line: str) -> bool:
    """Return whether a line lists who filmed, edited or drew; at the end of a story it is a credit."""
    return bool(_STAFF.match(line)) and not ends_sentence(line)


def is_byline(line: str) -> bool:
    """Return whether a line is nothing but a reporter's name and office."""
    return len(line) <= 60 and bool(_BYLINE.match(line))


def cites_us(line: str) -> bool:
    """Return whether a line says how the story is to be cited; such notices run over several lines."""
    return len(line) <= 200 and bool(_CITE_US.search(line))


def strip_end_mark(line: str) -> str:
    """Return the line without an agency's "(끝)" and without a copyright notice glued behind its last sentence."""
    line = _END_MARK.sub("", line)
    mark = _COPYRIGHT_MARK.search(line)
    if mark and mark.start() >= 8 and _NO_REPRINT.search(line, mark.start()) and len(line) - mark.start() <= 150:
        head = line[: mark.start()].rstrip(" <〈[(▶※-")
        return head if ends_sentence(head) else line
    return line


def _is_widget(line: str) -> bool:
    return len(line) <= 20 and re.sub(r"[\s\W]+", "", line).lower() in _WIDGETS


def _is_copyright(line: str) -> bool:
    if len(line) > 250:
        return False
    marked, forbids = _COPYRIGHT_MARK.search(line), _NO_REPRINT.search(line)
    if forbids:
        return bool(marked or _OWN_CONTENT.search(line) or not ends_sentence(line))
    return bool(
        marked
        and marked.start() < 30
        and len(line) <= 120
        and re.match(r"\W*(?:copyright|ⓒ|©|저작권자)", line, re.IGNORECASE)
    )


def _is_tip(line: str) -> bool:
    if len(line) > 160 or not _TIP.search(line):
        return False
    return bool(
        _TIP_PROMPT.search(line)
        and (_CONTACT.search(line) or not re.search(r"[다까]\.['\"”’]?$", line) or "니다" in line)
    )


def _is_korean_prompt(line: str) -> bool:
    if len(line) > 140:
        return False
    if len(line) <= 60 and _MORE.search(line) and not ends_sentence(line):
        return True
    if _RELATED.match(line):
        return True
    if not _PROMPT.search(line):
        return False
    return bool(_IMPERATIVE.search(line)) or bool(_PROMPT_BULLET.match(line) and not ends_sentence(line))


def _is_english_prompt(line: str) -> bool:
    return len(line) <= _ENGLISH_LIMIT and bool(_ENGLISH.match(line))


def _is_credit(line: str) -> bool:
    if _CAPTION.match(line):
        return True
    return len(line) <= 120 and bool(_PHOTO.search(line) or _NAME_AND_MAIL.match(line))


def _is_stamp(line: str) -> bool:
    if len(line) > 120 or sum(ch.isdigit() for ch in line) < 6:
        return False
    return bool(_YEAR.search(line) and _STAMP.search(line)) and not re.sub(r"[\W\d_]+", "", _STAMP_WORDS.sub("", line))
